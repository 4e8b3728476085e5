-- Scores of one scale before and after, summed over the people of a cluster:
-- those of a pair, or one person without a pair. The clusters of a very large
-- programme are joined at random into {buckets} of them, which keeps clusters
-- whole and the bootstrap quick.
SELECT
    role = 'comparison' AS compared,
    sumIf(people, wave_id = {then:UUID}) AS people_then,
    sumIf(total_score, wave_id = {then:UUID}) AS score_then,
    sumIf(people, wave_id = {now:UUID}) AS people_now,
    sumIf(total_score, wave_id = {now:UUID}) AS score_now
FROM (
    SELECT
        wave_id, role,
        sipHash64(if(pair = toUUID('00000000-0000-0000-0000-000000000000'), respondent, pair)) % {buckets:UInt64} AS cluster,
        count() AS people,
        sum(score) AS total_score
    FROM (
        SELECT
            wave_id, role, pair, respondent,
            arrayFilter((v, i) -> has({items:Array(UInt16)}, i), values, items) AS given,
            arraySum((v, i) -> if(has({reversed_items:Array(UInt16)}, i), {min:Float64} + {max:Float64} - v, v),
                given, arrayFilter(i -> has({items:Array(UInt16)}, i), items)) AS total,
            100 * (total / length(given) - {min:Float64}) / ({max:Float64} - {min:Float64}) AS score
        FROM responses FINAL
        WHERE program_id = {program:String} AND survey_id IN {surveys:Array(UUID)} AND wave_id IN ({then:UUID}, {now:UUID})
            AND role IN ({role:String}, 'comparison') AND final
            AND notEmpty(given)
            AND 2 * length(given) >= transform(toString(role), {roles:Array(String)}, {asked:Array(UInt16)}, toUInt16(65535))
    )
    GROUP BY wave_id, role, cluster
)
GROUP BY compared, cluster
ORDER BY compared, cluster
