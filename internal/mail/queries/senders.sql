-- Of no programme: who sends, sends for all of them.
SELECT sender_id, since, until, fault, detail, retry_at
FROM mail_senders FINAL
WHERE until > fromUnixTimestamp64Milli({now:Int64})
ORDER BY since, sender_id
