-- +goose Up

-- What the row says, in short (see store/sum.go); 0 only until migrate has computed it.
ALTER TABLE investigations ADD COLUMN sum BIGINT NOT NULL DEFAULT 0;
ALTER TABLE snapshots ADD COLUMN sum BIGINT NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN sum BIGINT NOT NULL DEFAULT 0;
ALTER TABLE datasets ADD COLUMN sum BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN sum BIGINT NOT NULL DEFAULT 0;
