-- +goose Up
-- What a closed wave's answers add up to, one row a wave and thing counted, so
-- that it is kept whole or not at all. The arrays run in parallel, one place a
-- role and combination of attributes. counted is derived from the scale, the
-- cut and the query. It holds while the wave has wave_revision and its last
-- rewrite (see rewrites) is rewritten. Else the wave is counted anew.
CREATE TABLE IF NOT EXISTS tallies{{.OnCluster}} (
    program_id LowCardinality(String),
    survey_id UUID,
    wave_id UUID,
    counted UUID,
    wave_revision UInt64,
    rewritten UInt64,
    roles Array(LowCardinality(String)),
    attributes Array(String),
    counts Array(Array(UInt64)),
    sums Array(Array(Float64)),
    item_sums Array(Array(Float64)),
    item_products Array(Array(Float64)),
    revision UInt64
)
ENGINE = {{.Replacing "tallies"}}
ORDER BY (program_id, survey_id, wave_id, counted);
