-- +goose Up

-- The words of each investigation in their order, each after a space, to look at those of one that a list came upon: shorter than its vector.
-- Both are written anew from the snapshots.
CREATE TABLE investigation_words (
	investigation BIGINT NOT NULL PRIMARY KEY REFERENCES investigations (num),
	words         TEXT COLLATE "C" NOT NULL
);
DELETE FROM investigation_text;
