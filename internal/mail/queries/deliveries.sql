SELECT program_id, wave_id, kind, channel, recipient, state, reason, detail, address, attempts, next_at, changed_at, revision
FROM deliveries FINAL
WHERE program_id = {program:String} AND wave_id = {wave:UUID}
ORDER BY kind, channel, recipient
