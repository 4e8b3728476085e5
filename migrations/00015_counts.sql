-- +goose Up
-- What was counted of a closed wave by any query but those of tallies, one row a
-- wave and thing counted. content holds the rows of the result as Go's gob has
-- them. counted is derived from the query, what it was asked and the state of
-- every other wave that it read. It holds as tallies do.
CREATE TABLE IF NOT EXISTS counts{{.OnCluster}} (
    program_id LowCardinality(String),
    survey_id UUID,
    wave_id UUID,
    counted UUID,
    wave_revision UInt64,
    rewritten UInt64,
    content String,
    revision UInt64
)
ENGINE = {{.Replacing "counts"}}
ORDER BY (program_id, survey_id, wave_id, counted);
