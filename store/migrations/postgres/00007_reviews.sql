-- +goose Up

ALTER TABLE investigations ADD COLUMN assignee TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE investigations ADD COLUMN shared BIGINT NOT NULL DEFAULT 0;

CREATE INDEX investigations_by_assignee ON investigations (assignee, updated_at, num) WHERE assignee <> '';

-- The verdicts that stand in the snapshots, once more by check, so that they can be counted over all investigations.
CREATE TABLE verdicts (
	investigation BIGINT NOT NULL REFERENCES investigations (num),
	finding       TEXT COLLATE "C" NOT NULL,
	agent         TEXT COLLATE "C" NOT NULL,
	tool          TEXT COLLATE "C" NOT NULL,
	tool_version  BIGINT NOT NULL,
	verdict       TEXT COLLATE "C" NOT NULL,
	at            BIGINT NOT NULL,
	PRIMARY KEY (finding, investigation)
);

CREATE INDEX verdicts_by_investigation ON verdicts (investigation);
