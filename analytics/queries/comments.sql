-- The comments of those waves and questions, written "wave question" in allowed,
-- that may be shown, of people in the given roles. What more than most comments
-- or most_bytes there are is left out, of the oldest waves first and within a
-- wave by a place that tells nothing: it depends on neither the text nor, from
-- one wave or question to another, on the person alone.
SELECT wave_id, item, text
FROM (
    SELECT wave_id, item, text, sum(length(text)) OVER (ORDER BY age, place, item ROWS UNBOUNDED PRECEDING) AS bytes
    FROM (
        SELECT
            wave_id, item, text,
            indexOf({waves:Array(UUID)}, wave_id) AS age,
            sipHash64(wave_id, item, respondent) AS place
        FROM responses FINAL
        ARRAY JOIN text_items AS item, texts AS text
        WHERE program_id = {program:String} AND survey_id IN {surveys:Array(UUID)} AND wave_id IN {waves:Array(UUID)}
            AND role IN {roles:Array(String)} AND final AND match(text, '[\\p{L}\\p{N}\\p{S}]')
            AND has({allowed:Array(String)}, concat(toString(wave_id), ' ', toString(item)))
        ORDER BY age, place, item
        LIMIT {most:UInt64}
    )
)
WHERE bytes <= {most_bytes:UInt64}
