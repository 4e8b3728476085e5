SELECT respondent, item, answer, at, revision
FROM drafts FINAL
WHERE program_id = {program:String} AND survey_id = {survey:UUID} AND wave_id = {wave:UUID} AND respondent IN {respondents:Array(UUID)}
