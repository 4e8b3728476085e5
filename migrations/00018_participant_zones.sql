-- +goose Up
-- Where a participant is, so that no reminder comes at night. Empty stands for the
-- programme’s own time zone.
ALTER TABLE participants{{.OnCluster}} ADD COLUMN IF NOT EXISTS time_zone LowCardinality(String) AFTER language;
