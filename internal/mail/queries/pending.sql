SELECT program_id, wave_id, kind, channel, recipient, state, reason, detail, address, attempts, next_at, changed_at, revision
FROM deliveries FINAL
WHERE program_id = {program:String} AND wave_id = {wave:UUID} AND channel = {channel:String}
    AND state IN ('queued', 'deferred') AND next_at <= fromUnixTimestamp64Milli({now:Int64})
ORDER BY next_at, kind, recipient
LIMIT {most:UInt32}
