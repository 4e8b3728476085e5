-- +goose Up
-- What a programme wants to reach: the figure that shows it and its target, in
-- the measure's own unit. place is that in the owner's list. One that was taken
-- out of the list is removed, since rows are upserts.
CREATE TABLE IF NOT EXISTS objectives{{.OnCluster}} (
    program_id LowCardinality(String),
    code LowCardinality(String),
    place UInt16,
    title Map(LowCardinality(String), String),
    measure LowCardinality(String),
    scale LowCardinality(String),
    role LowCardinality(String),
    at_most Bool,
    target Float64,
    due Nullable(Date32),
    removed Bool,
    revision UInt64
)
ENGINE = {{.Replacing "objectives"}}
ORDER BY (program_id, code);
