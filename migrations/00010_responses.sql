-- +goose Up
-- Answers, one row a respondent and wave, so that they are stored whole or not
-- at all. respondent and pair are keyed pseudonyms. items and values run in
-- parallel, as do goals and ratings, and text_items and texts. seconds is the
-- time from opening the link to submitting, 0 when unknown.
CREATE TABLE IF NOT EXISTS responses{{.OnCluster}} (
    program_id LowCardinality(String),
    survey_id UUID,
    wave_id UUID,
    respondent UUID,
    role LowCardinality(String),
    pair UUID,
    attributes LowCardinality(String),
    final Bool,
    items Array(UInt16),
    values Array(Float32),
    goals Array(UUID),
    ratings Array(Int8),
    text_items Array(UInt16),
    texts Array(String),
    submitted_at DateTime64(3, 'UTC'),
    seconds UInt32,
    revision UInt64
)
ENGINE = {{.Replacing "responses"}}
ORDER BY (program_id, survey_id, wave_id, respondent);
