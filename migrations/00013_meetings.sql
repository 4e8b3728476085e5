-- +goose Up
-- The days on which pairs met, by the link of either of the two: facts, which
-- the programme team sees. Who noted a day is not kept, nor when: revision
-- counts the changes from 1, since a time could be matched with that of answers.
-- held is false for a day that was taken back.
CREATE TABLE IF NOT EXISTS meetings{{.OnCluster}} (
    program_id LowCardinality(String),
    pair_id UUID,
    day Date32,
    held Bool,
    revision UInt64
)
ENGINE = {{.Replacing "meetings"}}
ORDER BY (program_id, pair_id, day);
