SELECT respondent
FROM responses FINAL
WHERE program_id = {program:String} AND survey_id = {survey:UUID} AND wave_id = {wave:UUID} AND final
