-- +goose Up
-- A questionnaire, its recurrence and its audience.
CREATE TABLE IF NOT EXISTS surveys{{.OnCluster}} (
    program_id LowCardinality(String),
    survey_id UUID,
    code LowCardinality(String),
    questionnaire_id LowCardinality(String),
    questionnaire_version UInt32,
    audience Array(LowCardinality(String)),
    recurrence String,
    revision UInt64
)
ENGINE = {{.Replacing "surveys"}}
ORDER BY (program_id, survey_id);
