SELECT program_id, survey_id, wave_id, occasion, state, attempts, at, next, by, fault, status
FROM chat_notices FINAL
WHERE program_id = {program:String} AND survey_id = {survey:UUID} AND wave_id = {wave:UUID} AND occasion = {occasion:String}
