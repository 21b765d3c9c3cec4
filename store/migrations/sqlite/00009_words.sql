-- +goose Up

-- The column owner holds the words of body again, each begun by a key of the owner; migrate writes them anew from the snapshots.
INSERT INTO investigation_text (investigation_text) VALUES ('delete-all');
