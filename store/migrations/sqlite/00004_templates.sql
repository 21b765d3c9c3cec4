-- +goose Up

-- name_key is the name without regard to case; a deleted template leaves its name free.
CREATE TABLE templates (
	id           TEXT    NOT NULL PRIMARY KEY,
	user_id      TEXT    NOT NULL,
	scope        TEXT    NOT NULL,
	name_key     TEXT    NOT NULL,
	version      INTEGER NOT NULL,
	usage_count  INTEGER NOT NULL,
	last_used_at INTEGER,
	deleted_at   INTEGER,
	document     TEXT    NOT NULL,
	sum          INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX templates_by_name ON templates (user_id, name_key) WHERE deleted_at IS NULL;
CREATE INDEX templates_by_scope ON templates (scope, id) WHERE deleted_at IS NULL;

CREATE TABLE template_versions (
	template_id TEXT    NOT NULL REFERENCES templates (id),
	version     INTEGER NOT NULL,
	at          INTEGER NOT NULL,
	by_user     TEXT    NOT NULL,
	document    TEXT    NOT NULL,
	sum         INTEGER NOT NULL,
	PRIMARY KEY (template_id, version)
) STRICT, WITHOUT ROWID;
