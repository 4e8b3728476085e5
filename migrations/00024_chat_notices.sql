-- +goose Up
-- What was said of a wave in its programme's chat channel, one row an occasion.
-- One that is being posted has the name of who does, until when that holds. It is
-- about nobody: a channel is told of waves alone.
CREATE TABLE IF NOT EXISTS chat_notices{{.OnCluster}} (
    program_id LowCardinality(String),
    survey_id UUID,
    wave_id UUID,
    occasion LowCardinality(String),
    state LowCardinality(String),
    attempts UInt16,
    at DateTime64(3, 'UTC'),
    next DateTime64(3, 'UTC'),
    by UUID,
    fault LowCardinality(String),
    status UInt16,
    revision UInt64
)
ENGINE = {{.Replacing "chat_notices"}}
ORDER BY (program_id, survey_id, wave_id, occasion);
