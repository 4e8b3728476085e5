-- +goose Up
-- What went out to whom, one row a message. recipient is the participant of an
-- invitation, and of a reminder a keyed name, since only who has not answered is
-- reminded. delivery_id is derived from the key and stands in the Message-ID.
-- address is the name, derived from it, of the address that it was sent to, where
-- that tells no more than recipient. The first form has revision 1 and each
-- further one the next, so that queueing a message again never undoes that it was
-- sent.
CREATE TABLE IF NOT EXISTS deliveries{{.OnCluster}} (
    program_id LowCardinality(String),
    wave_id UUID,
    kind LowCardinality(String),
    channel LowCardinality(String),
    recipient UUID,
    delivery_id UUID,
    state LowCardinality(String),
    reason LowCardinality(String),
    detail String,
    address UUID,
    attempts UInt32,
    next_at DateTime64(3, 'UTC'),
    changed_at DateTime64(3, 'UTC'),
    revision UInt64
)
ENGINE = {{.Replacing "deliveries"}}
ORDER BY (program_id, wave_id, kind, channel, recipient);
