-- How many people went the same way through the waves of a scale: in each wave
-- their role and attributes, "" where they have no score.
SELECT roles, segments, count() AS people
FROM (
    SELECT
        respondent,
        groupArray(indexOf({waves:Array(UUID)}, wave_id)) AS places,
        groupArray(toString(role)) AS held,
        groupArray(toString(attributes)) AS known,
        range(1, length({waves:Array(UUID)}) + 1) AS numbers,
        arrayMap(i -> if(has(places, i), held[indexOf(places, i)], ''), numbers) AS roles,
        arrayMap(i -> if(has(places, i), known[indexOf(places, i)], ''), numbers) AS segments
    FROM responses FINAL
    WHERE program_id = {program:String} AND survey_id IN {surveys:Array(UUID)} AND wave_id IN {waves:Array(UUID)}
        AND role IN {roles:Array(String)} AND final
        AND arrayExists(i -> has({items:Array(UInt16)}, i), items)
        AND 2 * arrayCount(i -> has({items:Array(UInt16)}, i), items) >= transform(toString(role), {roles:Array(String)}, {asked:Array(UInt16)}, toUInt16(65535))
    GROUP BY respondent
)
GROUP BY roles, segments
LIMIT {most:UInt32}
