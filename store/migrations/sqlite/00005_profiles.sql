-- +goose Up

CREATE TABLE profiles (
	user_id  TEXT    NOT NULL PRIMARY KEY,
	version  INTEGER NOT NULL,
	document TEXT    NOT NULL,
	sum      INTEGER NOT NULL
) STRICT;
