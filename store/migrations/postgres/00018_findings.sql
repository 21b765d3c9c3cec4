-- +goose Up

-- Checks, entities and sentences of findings are searched, too: the words are written anew from the snapshots.
DELETE FROM investigation_words;
DELETE FROM investigation_text;
