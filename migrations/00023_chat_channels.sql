-- +goose Up
-- The chat channel of a programme. Its webhook's address is all that it takes to
-- post there, so it is stored encrypted under the service's secret. since is when
-- the channel was made, changed when its address was last given. One that was
-- taken away is removed, since rows are upserts.
CREATE TABLE IF NOT EXISTS chat_channels{{.OnCluster}} (
    program_id LowCardinality(String),
    kind LowCardinality(String),
    host String,
    sealed String,
    since DateTime64(3, 'UTC'),
    changed DateTime64(3, 'UTC'),
    removed Bool,
    revision UInt64
)
ENGINE = {{.Replacing "chat_channels"}}
ORDER BY (program_id);
