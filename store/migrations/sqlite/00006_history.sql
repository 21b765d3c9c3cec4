-- +goose Up

-- Lists are narrowed and sorted within these, and read the rows of one page. Beside a narrower one the planner would ignore the wide one.
DROP INDEX investigations_by_owner;
CREATE INDEX investigations_by_owner ON investigations (user_id, updated_at, num, archived_at, status, risk_level, risk_score, entity_types,
	name_key, created_at, started_at, finished_at, duration_ms, entity_count);
DROP INDEX investigations_by_time;
CREATE INDEX investigations_by_time ON investigations (updated_at, num, archived_at, status, risk_level, risk_score, entity_types);
