-- +goose Up

-- Lists are narrowed and sorted in memory, which follows what was changed by these numbers: each change of a header row, and each removal, takes the next.
ALTER TABLE investigations ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX investigations_by_change ON investigations (changed);
CREATE TABLE removals (
	changed       INTEGER PRIMARY KEY,
	investigation INTEGER NOT NULL
) STRICT;
CREATE INDEX investigations_archived ON investigations (archived_at) WHERE archived_at IS NOT NULL;
DROP INDEX investigations_by_owner;
DROP INDEX investigations_by_assignee;
DROP INDEX investigations_shared;
DROP INDEX investigations_by_time;
DROP INDEX investigations_by_name;
DROP INDEX investigations_by_creation;
DROP INDEX investigations_by_start;
DROP INDEX investigations_by_finish;
DROP INDEX investigations_by_duration;
DROP INDEX investigations_by_size;
DROP INDEX investigations_by_status;
DROP INDEX investigations_by_risk;
DROP INDEX investigations_by_state;
DROP INDEX investigations_by_types;

-- Each word stands once.
DROP TABLE investigation_text;
CREATE VIRTUAL TABLE investigation_text USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2', detail = full);
INSERT INTO investigation_text (rowid, words) SELECT investigation, words FROM investigation_words;
