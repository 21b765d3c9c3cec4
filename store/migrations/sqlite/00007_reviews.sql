-- +goose Up

ALTER TABLE investigations ADD COLUMN assignee TEXT NOT NULL DEFAULT '';
ALTER TABLE investigations ADD COLUMN shared INTEGER NOT NULL DEFAULT 0;

CREATE INDEX investigations_by_assignee ON investigations (assignee, updated_at, num) WHERE assignee <> '';

-- The verdicts that stand in the snapshots, once more by check, so that they can be counted over all investigations.
CREATE TABLE verdicts (
	investigation INTEGER NOT NULL REFERENCES investigations (num),
	finding       TEXT    NOT NULL,
	agent         TEXT    NOT NULL,
	tool          TEXT    NOT NULL,
	tool_version  INTEGER NOT NULL,
	verdict       TEXT    NOT NULL,
	at            INTEGER NOT NULL,
	PRIMARY KEY (finding, investigation)
) STRICT, WITHOUT ROWID;

CREATE INDEX verdicts_by_investigation ON verdicts (investigation);
