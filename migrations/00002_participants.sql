-- +goose Up
-- Who takes part. Identity lives here and nowhere else.
CREATE TABLE IF NOT EXISTS participants{{.OnCluster}} (
    program_id LowCardinality(String),
    participant_id UUID,
    external_id String,
    email String,
    name String,
    language LowCardinality(String),
    role LowCardinality(String),
    attributes Map(LowCardinality(String), String),
    joined Date32,
    left Nullable(Date32),
    employed_from Nullable(Date32),
    employed_to Nullable(Date32),
    link_revision UInt32,
    revision UInt64
)
ENGINE = {{.Replacing "participants"}}
ORDER BY (program_id, participant_id);
