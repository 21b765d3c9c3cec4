-- +goose Up

-- name_key is the name without regard to case; a deleted template leaves its name free.
CREATE TABLE templates (
	id           TEXT COLLATE "C" NOT NULL PRIMARY KEY,
	user_id      TEXT COLLATE "C" NOT NULL,
	scope        TEXT COLLATE "C" NOT NULL,
	name_key     TEXT COLLATE "C" NOT NULL,
	version      BIGINT NOT NULL,
	usage_count  BIGINT NOT NULL,
	last_used_at BIGINT,
	deleted_at   BIGINT,
	document     TEXT COLLATE "C" NOT NULL,
	sum          BIGINT NOT NULL
);

CREATE UNIQUE INDEX templates_by_name ON templates (user_id, name_key) WHERE deleted_at IS NULL;
CREATE INDEX templates_by_scope ON templates (scope, id) WHERE deleted_at IS NULL;

CREATE TABLE template_versions (
	template_id TEXT COLLATE "C" NOT NULL REFERENCES templates (id),
	version     BIGINT NOT NULL,
	at          BIGINT NOT NULL,
	by_user     TEXT COLLATE "C" NOT NULL,
	document    TEXT COLLATE "C" NOT NULL,
	sum         BIGINT NOT NULL,
	PRIMARY KEY (template_id, version)
);
