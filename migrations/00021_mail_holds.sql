-- +goose Up
-- What keeps messages back: a participant who wants none, an address that does
-- not work (by a name derived from it), a programme whose messages were refused
-- again and again.
CREATE TABLE IF NOT EXISTS mail_holds{{.OnCluster}} (
    program_id LowCardinality(String),
    kind LowCardinality(String),
    subject UUID,
    held Bool,
    detail String,
    changed_at DateTime64(3, 'UTC'),
    revision UInt64
)
ENGINE = {{.Replacing "mail_holds"}}
ORDER BY (program_id, kind, subject);
