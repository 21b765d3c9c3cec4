-- +goose Up

-- leaf is the hash of the entry (see store/seal.go); it is NULL only until migrate has sealed what was there before.
ALTER TABLE audit ADD COLUMN diff TEXT COLLATE "C" NOT NULL DEFAULT '[]';
ALTER TABLE audit ADD COLUMN leaf BYTEA;

-- One head for each transaction that wrote entries: the tree of the first size entries. edge is what is needed to extend it.
CREATE TABLE audit_heads (
	size BIGINT PRIMARY KEY,
	root BYTEA    NOT NULL,
	edge BYTEA    NOT NULL,
	at   BIGINT NOT NULL,
	note TEXT COLLATE "C" NOT NULL
);
