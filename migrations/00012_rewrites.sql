-- +goose Up
-- Which waves had answers written or removed other than by their links: begun
-- before the first of them is, done after the last. While one is not done,
-- nothing that was counted of the wave may be kept.
CREATE TABLE IF NOT EXISTS rewrites{{.OnCluster}} (
    program_id LowCardinality(String),
    survey_id UUID,
    wave_id UUID,
    done Bool,
    revision UInt64
)
ENGINE = {{.Replacing "rewrites"}}
ORDER BY (program_id, survey_id, wave_id);
