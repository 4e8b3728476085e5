-- How far apart the two of a pair are on one scale, in points: over the pairs of
-- which both have a score, how many fall into each class; and how many have one
-- without a partner who has. The two are put together by the pseudonym that
-- stands beside their answers, and only the counts leave the store.
SELECT
    wave_id,
    countIf(both AND gap >= {clear:Float64}) AS mentor_higher,
    countIf(both AND gap > -{clear:Float64} AND gap < {clear:Float64}) AS similar,
    countIf(both AND gap <= -{clear:Float64}) AS mentee_higher,
    sumIf(mentors, NOT both) AS mentors_alone,
    sumIf(mentees, NOT both) AS mentees_alone
FROM (
    SELECT
        wave_id, pair,
        countIf(role = 'mentor') AS mentors,
        countIf(role = 'mentee') AS mentees,
        pair != toUUID('00000000-0000-0000-0000-000000000000') AND mentors = 1 AND mentees = 1 AS both,
        -- Thirds of a point are not exact.
        round(sumIf(mean, role = 'mentor') - sumIf(mean, role = 'mentee'), 6) AS gap
    FROM (
        SELECT
            wave_id, pair, role,
            arrayFilter((v, i) -> has({items:Array(UInt16)}, i), values, items) AS given,
            arraySum((v, i) -> if(has({reversed_items:Array(UInt16)}, i), {min:Float64} + {max:Float64} - v, v),
                given, arrayFilter(i -> has({items:Array(UInt16)}, i), items)) / length(given) AS mean
        FROM responses FINAL
        WHERE program_id = {program:String} AND survey_id IN {surveys:Array(UUID)} AND wave_id IN {waves:Array(UUID)}
            AND role IN ('mentor', 'mentee') AND final
            AND notEmpty(given)
            AND 2 * length(given) >= transform(toString(role), {roles:Array(String)}, {asked:Array(UInt16)}, toUInt16(65535))
    )
    GROUP BY wave_id, pair
)
GROUP BY wave_id
