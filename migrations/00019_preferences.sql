-- +goose Up
-- What participants chose for themselves. The revision counts changes from 1: a
-- time could be matched with that of an answer.
CREATE TABLE IF NOT EXISTS preferences{{.OnCluster}} (
    program_id LowCardinality(String),
    participant_id UUID,
    language LowCardinality(String),
    revision UInt64
)
ENGINE = {{.Replacing "preferences"}}
ORDER BY (program_id, participant_id);
