-- +goose Up

-- Whose run it is and how urgent: a claim goes to the owner who has the fewest runs under way.
ALTER TABLE runs ADD COLUMN user_id TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN priority BIGINT NOT NULL DEFAULT 0;
UPDATE runs SET user_id = (SELECT user_id FROM investigations WHERE num = runs.investigation);
