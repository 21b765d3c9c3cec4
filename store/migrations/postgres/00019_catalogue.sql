-- +goose Up

-- Lists are narrowed and sorted in memory, which follows what was changed by these numbers: each change of a header row, and each removal, takes the next.
ALTER TABLE investigations ADD COLUMN changed BIGINT NOT NULL DEFAULT 0;
CREATE INDEX investigations_by_change ON investigations (changed);
CREATE TABLE removals (
	changed       BIGINT NOT NULL PRIMARY KEY,
	investigation BIGINT NOT NULL
);
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
DELETE FROM investigation_text;
INSERT INTO investigation_text (investigation, words)
SELECT t.investigation, COALESCE(string_agg('''' || w.word || ''':' || LEAST(w.place, 16383), ' ' ORDER BY w.place), '')::tsvector
FROM investigation_words t LEFT JOIN LATERAL regexp_split_to_table(btrim(t.words), ' ') WITH ORDINALITY AS w (word, place) ON w.word <> ''
GROUP BY t.investigation;
