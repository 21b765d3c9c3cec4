-- +goose Up

-- What the finding counted by itself, in millionths; 0 where the verdict is older than this column.
ALTER TABLE verdicts ADD COLUMN counts INTEGER NOT NULL DEFAULT 0;

-- How often templates were used that come with the program and have no row of their own.
CREATE TABLE built_in_uses (
	template_id  TEXT    NOT NULL PRIMARY KEY,
	usage_count  INTEGER NOT NULL,
	last_used_at INTEGER NOT NULL
) STRICT;
