SELECT program_id, survey_id, wave_id, occasion, state, attempts, at, next, by, fault, status
FROM chat_notices FINAL
WHERE program_id = {program:String}
ORDER BY at DESC, wave_id, occasion
LIMIT {most:UInt32}
