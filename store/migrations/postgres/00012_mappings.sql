-- +goose Up

-- What people said of the columns of files, for their next file of the same shape.
CREATE TABLE mappings (
	user_id  TEXT COLLATE "C" NOT NULL,
	shape    TEXT COLLATE "C" NOT NULL,
	made_at  BIGINT NOT NULL,
	document TEXT COLLATE "C" NOT NULL,
	sum      BIGINT NOT NULL,
	PRIMARY KEY (user_id, shape)
);
