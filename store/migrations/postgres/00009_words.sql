-- +goose Up

-- Each word is there twice, once begun by a key of its owner; migrate writes them anew from the snapshots.
DELETE FROM investigation_text;
