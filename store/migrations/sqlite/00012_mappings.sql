-- +goose Up

-- What people said of the columns of files, for their next file of the same shape.
CREATE TABLE mappings (
	user_id  TEXT    NOT NULL,
	shape    TEXT    NOT NULL,
	made_at  INTEGER NOT NULL,
	document TEXT    NOT NULL,
	sum      INTEGER NOT NULL,
	PRIMARY KEY (user_id, shape)
) STRICT;
