SELECT wave_id, role, items, values, goals, ratings, text_items, texts
FROM responses FINAL
WHERE program_id = {program:String} AND survey_id = {survey:UUID} AND wave_id IN {waves:Array(UUID)} AND respondent = {respondent:UUID} AND final
