-- +goose Up

-- The words of each investigation in their order, each after a space, to look at those of one that a list came upon: the index of words has none
-- to be read. Both are written anew from the snapshots.
CREATE TABLE investigation_words (
	investigation INTEGER PRIMARY KEY REFERENCES investigations (num),
	words         TEXT    NOT NULL
) STRICT;
INSERT INTO investigation_text (investigation_text) VALUES ('delete-all');
