-- +goose Up

CREATE TABLE profiles (
	user_id  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
	version  BIGINT NOT NULL,
	document TEXT COLLATE "C" NOT NULL,
	sum      BIGINT NOT NULL
);
