-- +goose Up

-- Why a completed run is complete in part only; filled from the snapshots.
ALTER TABLE investigations ADD COLUMN partial TEXT COLLATE "C" NOT NULL DEFAULT '';
