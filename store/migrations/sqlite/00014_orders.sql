-- +goose Up

-- One index for each order of a list and one for each filter that may leave little of a long one; beside its key each holds the other filters.
-- Of these only the first three change at every save.
DROP INDEX investigations_by_owner;
CREATE INDEX investigations_by_owner ON investigations (user_id, updated_at, num, archived_at, status, risk_level, risk_score, entity_types);
DROP INDEX investigations_by_time;
CREATE INDEX investigations_by_time ON investigations (updated_at, num, user_id, archived_at, status, risk_level, risk_score, entity_types);
DROP INDEX investigations_shared;
CREATE INDEX investigations_shared ON investigations (updated_at, num, user_id, archived_at, status, risk_level, risk_score, entity_types, shared) WHERE shared = 1;
CREATE INDEX investigations_by_name ON investigations (name_key, num, user_id, archived_at, status, risk_level, risk_score, entity_types);
CREATE INDEX investigations_by_creation ON investigations (created_at, num, user_id, archived_at, status, risk_level, risk_score, entity_types);
CREATE INDEX investigations_by_start ON investigations (started_at, num, user_id, archived_at, status, risk_level, risk_score, entity_types);
CREATE INDEX investigations_by_finish ON investigations (finished_at, num, user_id, archived_at, status, risk_level, risk_score, entity_types);
CREATE INDEX investigations_by_duration ON investigations (duration_ms, num, user_id, archived_at, status, risk_level, risk_score, entity_types);
CREATE INDEX investigations_by_size ON investigations (entity_count, num, user_id, archived_at, status, risk_level, risk_score, entity_types);
CREATE INDEX investigations_by_status ON investigations (status, num, user_id, archived_at, risk_level, risk_score, entity_types);
CREATE INDEX investigations_by_risk ON investigations (risk_score, num, user_id, archived_at, status, risk_level, entity_types);
CREATE INDEX investigations_by_state ON investigations (status, risk_level, archived_at, num, user_id, risk_score, entity_types);
CREATE INDEX investigations_by_types ON investigations (entity_types, num, user_id, archived_at, status, risk_level, risk_score);
