-- +goose Up
-- When the answers of a row were last sent as a whole, masked as drafts.at is:
-- what drafts has of an earlier time is settled by that. 0 for never.
ALTER TABLE responses{{.OnCluster}} ADD COLUMN IF NOT EXISTS replaced_at UInt64 AFTER seconds;
