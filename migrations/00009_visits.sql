-- +goose Up
-- Who opened their link: a pseudonym, as in responses. The first visit stays,
-- since its revision counts down from the largest number.
CREATE TABLE IF NOT EXISTS visits{{.OnCluster}} (
    program_id LowCardinality(String),
    survey_id UUID,
    wave_id UUID,
    respondent UUID,
    role LowCardinality(String),
    attributes LowCardinality(String),
    opened_at DateTime64(3, 'UTC'),
    revision UInt64
)
ENGINE = {{.Replacing "visits"}}
ORDER BY (program_id, survey_id, wave_id, respondent);
