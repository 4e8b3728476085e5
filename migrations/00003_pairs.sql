-- +goose Up
-- Who works with whom.
CREATE TABLE IF NOT EXISTS pairs{{.OnCluster}} (
    program_id LowCardinality(String),
    pair_id UUID,
    mentor_id UUID,
    mentee_id UUID,
    started Date32,
    ended Nullable(Date32),
    revision UInt64
)
ENGINE = {{.Replacing "pairs"}}
ORDER BY (program_id, pair_id);
