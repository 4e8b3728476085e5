-- +goose Up
-- Questionnaires of a programme's own, the built-in ones ship in the binary.
CREATE TABLE IF NOT EXISTS questionnaires{{.OnCluster}} (
    program_id LowCardinality(String),
    questionnaire_id LowCardinality(String),
    version UInt32,
    definition String,
    revision UInt64
)
ENGINE = {{.Replacing "questionnaires"}}
ORDER BY (program_id, questionnaire_id, version);
