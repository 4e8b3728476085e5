-- The submitted answers of one wave, in the order of the table's key, so that
-- they stream.
SELECT respondent, role, attributes, items, values, ratings, text_items, texts, submitted_at, seconds
FROM responses FINAL
WHERE program_id = {program:String} AND survey_id = {survey:UUID} AND wave_id = {wave:UUID} AND final
ORDER BY respondent
