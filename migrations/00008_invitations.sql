-- +goose Up
-- Who was asked in a wave, with the attributes they had when it opened.
CREATE TABLE IF NOT EXISTS invitations{{.OnCluster}} (
    program_id LowCardinality(String),
    survey_id UUID,
    wave_id UUID,
    participant_id UUID,
    role LowCardinality(String),
    pair_id UUID,
    attributes LowCardinality(String),
    revision UInt64
)
ENGINE = {{.Replacing "invitations"}}
ORDER BY (program_id, survey_id, wave_id, participant_id);
