-- +goose Up

-- Weights that somebody accepted, each version whole: runs name the one they were started under.
CREATE TABLE weights (
	version  INTEGER NOT NULL PRIMARY KEY,
	document TEXT    NOT NULL,
	sum      INTEGER NOT NULL
) STRICT;
