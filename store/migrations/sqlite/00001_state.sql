-- +goose Up

-- The header row: all that a poll, a list and a claim need to know, without the document.
CREATE TABLE investigations (
	num           INTEGER PRIMARY KEY,
	id            TEXT    NOT NULL UNIQUE,
	user_id       TEXT    NOT NULL,
	version       INTEGER NOT NULL,
	name          TEXT    NOT NULL,
	name_key      TEXT    NOT NULL,
	status        TEXT    NOT NULL,
	step          TEXT    NOT NULL,
	percent       REAL    NOT NULL,
	phase         TEXT    NOT NULL,
	findings      INTEGER NOT NULL,
	log_lines     INTEGER NOT NULL,
	eta_seconds   REAL,
	dataset       TEXT    NOT NULL,
	risk_score    REAL,
	risk_level    TEXT    NOT NULL,
	entity_count  INTEGER NOT NULL,
	entity_types  INTEGER NOT NULL,
	created_at    INTEGER NOT NULL,
	updated_at    INTEGER NOT NULL,
	started_at    INTEGER,
	finished_at   INTEGER,
	archived_at   INTEGER,
	duration_ms   INTEGER,
	last_accessed INTEGER
) STRICT;

CREATE INDEX investigations_by_owner ON investigations (user_id, updated_at, num, archived_at, status, risk_score, entity_types);
CREATE INDEX investigations_by_time ON investigations (updated_at, num);
CREATE INDEX investigations_by_dataset ON investigations (dataset) WHERE status <> 'draft';

-- owner is one word made of the user's id, so that a search never walks through what others wrote.
CREATE VIRTUAL TABLE investigation_text USING fts5 (owner, body, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2', detail = full);

CREATE TABLE snapshots (
	investigation INTEGER PRIMARY KEY REFERENCES investigations (num),
	document      TEXT NOT NULL
) STRICT;

-- level and line are set for log lines only, so that these can be paged without reading the rest.
CREATE TABLE events (
	investigation INTEGER NOT NULL REFERENCES investigations (num),
	seq           INTEGER NOT NULL,
	at            INTEGER NOT NULL,
	type          TEXT    NOT NULL,
	level         TEXT,
	line          INTEGER,
	document      TEXT    NOT NULL,
	PRIMARY KEY (investigation, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX events_lines ON events (investigation, seq, level, line) WHERE line IS NOT NULL;
CREATE INDEX events_checkpoints ON events (investigation, seq) WHERE type = 'checkpoint.created';

CREATE TABLE runs (
	investigation INTEGER PRIMARY KEY REFERENCES investigations (num),
	state         TEXT    NOT NULL,
	queued_at     INTEGER NOT NULL,
	owner         TEXT    NOT NULL,
	epoch         INTEGER NOT NULL,
	lease_until   INTEGER NOT NULL
) STRICT;

CREATE INDEX runs_queued ON runs (queued_at, investigation) WHERE state = 'queued';

-- The trail outlives what it tells of: no foreign key.
CREATE TABLE audit (
	number           INTEGER PRIMARY KEY,
	at               INTEGER NOT NULL,
	actor_kind       TEXT    NOT NULL,
	actor_id         TEXT    NOT NULL,
	actor_role       TEXT    NOT NULL,
	origin           TEXT    NOT NULL,
	source           TEXT    NOT NULL,
	action           TEXT    NOT NULL,
	investigation_id TEXT    NOT NULL,
	version_before   INTEGER NOT NULL,
	version_after    INTEGER NOT NULL,
	detail           TEXT    NOT NULL
) STRICT;

CREATE INDEX audit_by_investigation ON audit (investigation_id, number) WHERE investigation_id <> '';

CREATE TABLE datasets (
	id         TEXT    NOT NULL PRIMARY KEY,
	user_id    TEXT    NOT NULL,
	created_at INTEGER NOT NULL,
	document   TEXT    NOT NULL
) STRICT;

CREATE INDEX datasets_by_owner ON datasets (user_id, created_at, id);

CREATE TABLE users (
	id            TEXT    NOT NULL PRIMARY KEY,
	name          TEXT    NOT NULL,
	role          TEXT    NOT NULL,
	password_hash TEXT    NOT NULL,
	created_at    INTEGER NOT NULL,
	disabled      INTEGER NOT NULL
) STRICT;

-- An ended session stays until it would have expired, so that a refresh that was under way cannot bring it back.
CREATE TABLE sessions (
	id          TEXT    NOT NULL PRIMARY KEY,
	user_id     TEXT    NOT NULL REFERENCES users (id),
	secret_hash TEXT    NOT NULL,
	expires_at  INTEGER NOT NULL,
	ended       INTEGER NOT NULL
) STRICT;

CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- One row for each key: reserved by a token, then marked with what was done, then holding the answer.
CREATE TABLE idempotency (
	user_id      TEXT    NOT NULL,
	key          TEXT    NOT NULL,
	request      TEXT    NOT NULL,
	body_hash    TEXT    NOT NULL,
	token        TEXT    NOT NULL,
	reserved_at  INTEGER NOT NULL,
	acted_noun   TEXT    NOT NULL,
	acted_id     TEXT    NOT NULL,
	acted_version INTEGER NOT NULL,
	status       INTEGER NOT NULL,
	headers      TEXT    NOT NULL,
	body         BLOB    NOT NULL,
	PRIMARY KEY (user_id, key)
) STRICT;

CREATE INDEX idempotency_by_age ON idempotency (reserved_at);
