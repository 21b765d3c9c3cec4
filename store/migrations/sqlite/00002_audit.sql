-- +goose Up

-- leaf is the hash of the entry (see store/seal.go); it is NULL only until migrate has sealed what was there before.
ALTER TABLE audit ADD COLUMN diff TEXT NOT NULL DEFAULT '[]';
ALTER TABLE audit ADD COLUMN leaf BLOB;

-- One head for each transaction that wrote entries: the tree of the first size entries. edge is what is needed to extend it.
CREATE TABLE audit_heads (
	size INTEGER PRIMARY KEY,
	root BLOB    NOT NULL,
	edge BLOB    NOT NULL,
	at   INTEGER NOT NULL,
	note TEXT    NOT NULL
) STRICT;
