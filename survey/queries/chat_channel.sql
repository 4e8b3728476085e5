SELECT kind, host, sealed, since, changed
FROM chat_channels FINAL
WHERE program_id = {program:String} AND NOT removed
