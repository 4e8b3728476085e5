-- +goose Up
-- Occurrences of a survey. Times are UTC.
CREATE TABLE IF NOT EXISTS waves{{.OnCluster}} (
    program_id LowCardinality(String),
    survey_id UUID,
    wave_id UUID,
    number UInt32,
    occurrence LowCardinality(String),
    opens DateTime64(3, 'UTC'),
    closes DateTime64(3, 'UTC'),
    questionnaire_id LowCardinality(String),
    questionnaire_version UInt32,
    revision UInt64
)
ENGINE = {{.Replacing "waves"}}
ORDER BY (program_id, survey_id, wave_id);
