-- +goose Up

-- What colleagues share is listed by the time of its change, however much else there is.
CREATE INDEX investigations_shared ON investigations (updated_at, num) WHERE shared = 1;
