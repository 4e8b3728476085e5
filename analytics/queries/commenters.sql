-- How many people of each role wrote a comment, by wave and question. What has
-- no letter, digit or symbol in it, such as a dash, is no comment: those who
-- wrote it would count towards the threshold and hide nobody.
SELECT wave_id, role, item, uniqExact(respondent) AS people
FROM responses FINAL
ARRAY JOIN text_items AS item, texts AS text
WHERE program_id = {program:String} AND survey_id IN {surveys:Array(UUID)} AND wave_id IN {waves:Array(UUID)}
    AND final AND match(text, '[\\p{L}\\p{N}\\p{S}]')
GROUP BY wave_id, role, item
