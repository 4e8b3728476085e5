-- +goose Up
-- Which processes could send messages now, and what keeps the mail server from
-- taking them. The one that is there longest sends.
CREATE TABLE IF NOT EXISTS mail_senders{{.OnCluster}} (
    sender_id UUID,
    since DateTime64(3, 'UTC'),
    until DateTime64(3, 'UTC'),
    fault LowCardinality(String),
    detail String,
    retry_at DateTime64(3, 'UTC'),
    revision UInt64
)
ENGINE = {{.Replacing "mail_senders"}}
ORDER BY (sender_id);
