-- +goose Up
-- What the pairs want to reach: levels hold what -2 to +2 look like.
CREATE TABLE IF NOT EXISTS goals{{.OnCluster}} (
    program_id LowCardinality(String),
    pair_id UUID,
    goal_id UUID,
    code LowCardinality(String),
    title String,
    levels Array(String),
    weight Float64,
    baseline Int8,
    revision UInt64
)
ENGINE = {{.Replacing "goals"}}
ORDER BY (program_id, pair_id, goal_id);
