-- +goose Up
-- Programmes. The id is a slug that the owner chose.
CREATE TABLE IF NOT EXISTS programs{{.OnCluster}} (
    program_id LowCardinality(String),
    name String,
    policy LowCardinality(String),
    k UInt8,
    time_zone LowCardinality(String),
    languages Array(LowCardinality(String)),
    attributes Array(String),
    starts Date32,
    ends Nullable(Date32),
    contact String,
    demo Bool,
    key_revision UInt32,
    revision UInt64
)
ENGINE = {{.Replacing "programs"}}
ORDER BY (program_id);
