-- +goose Up

-- Weights that somebody accepted, each version whole: runs name the one they were started under.
CREATE TABLE weights (
	version  BIGINT NOT NULL PRIMARY KEY,
	document TEXT COLLATE "C" NOT NULL,
	sum      BIGINT NOT NULL
);
