-- +goose Up
-- Answers as they are given, before and after they are submitted: the newest to
-- each item. item is an id, that of a goal ("goal:<uuid>"), or "_place", where
-- the respondent stopped. answer is JSON, and without a value it takes back. at is
-- when it was given, in milliseconds since 1970, and so is the revision. In an
-- anonymous programme, where a time could tell who answered, at is masked with
-- a key that the table does not have, and the revision counts from 1.
CREATE TABLE IF NOT EXISTS drafts{{.OnCluster}} (
    program_id LowCardinality(String),
    survey_id UUID,
    wave_id UUID,
    respondent UUID,
    item LowCardinality(String),
    role LowCardinality(String),
    attributes LowCardinality(String),
    answer String,
    at UInt64,
    revision UInt64
)
ENGINE = {{.Replacing "drafts"}}
ORDER BY (program_id, survey_id, wave_id, respondent, item);
