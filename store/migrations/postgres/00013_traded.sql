-- +goose Up

-- The secret that was last traded in, so that any process tells two refreshes at once from the use of an old one.
ALTER TABLE sessions ADD COLUMN traded_hash TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN traded_at BIGINT NOT NULL DEFAULT 0;
