SELECT DISTINCT respondent
FROM responses
WHERE program_id = {program:String} AND survey_id = {survey:UUID} AND wave_id = {wave:UUID}
