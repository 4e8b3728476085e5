SELECT respondent, final, items, values, goals, ratings, text_items, texts, submitted_at, seconds, replaced_at, revision
FROM responses FINAL
WHERE program_id = {program:String} AND survey_id = {survey:UUID} AND wave_id = {wave:UUID} AND respondent IN {respondents:Array(UUID)}
