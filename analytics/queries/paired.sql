-- The scores of one scale of those who have one in both of two waves, as a joint
-- distribution: how many people of which role and segment had which score then
-- and now. Answers are joined as patterns (see scale.sql) and scored afterwards,
-- since there are few patterns and many rows.
SELECT
    role_then, segment_then, score_then,
    role_now, segment_now, score_now,
    sum(people) AS both
FROM (
    SELECT
        role_then, segment_then, role_now, segment_now, people,
        arrayMap(w -> intDiv(pattern_then, w) % {base:UInt64}, {weights:Array(UInt64)}) AS digits_then,
        arrayMap(w -> intDiv(pattern_now, w) % {base:UInt64}, {weights:Array(UInt64)}) AS digits_now,
        arrayCount(d -> d > 0, digits_then) AS answered_then,
        arrayCount(d -> d > 0, digits_now) AS answered_now,
        arraySum((d, r) -> toFloat64(multiIf(d = 0, 0, r = 1, {base:UInt64} - d, d)), digits_then, {reversed:Array(UInt16)}) AS total_then,
        arraySum((d, r) -> toFloat64(multiIf(d = 0, 0, r = 1, {base:UInt64} - d, d)), digits_now, {reversed:Array(UInt16)}) AS total_now,
        100 * (total_then / answered_then - 1) / ({base:UInt64} - 2) AS score_then,
        100 * (total_now / answered_now - 1) / ({base:UInt64} - 2) AS score_now
    FROM (
        SELECT
            earlier.role AS role_then, earlier.segment AS segment_then, earlier.pattern AS pattern_then,
            later.role AS role_now, later.segment AS segment_now, later.pattern AS pattern_now,
            count() AS people
        FROM (
            SELECT
                respondent, role,
                if({segmented:Bool}, attributes, '') AS segment,
                toUInt64(arraySum((i, v) -> (v + {shift:Float64}) * transform(i, {items:Array(UInt16)}, {weights:Array(UInt64)}, toUInt64(0)), items, values)) AS pattern
            FROM responses FINAL
            WHERE program_id = {program:String} AND survey_id IN {surveys:Array(UUID)} AND wave_id = {then:UUID} AND role IN {roles:Array(String)} AND final
        ) AS earlier
        INNER JOIN (
            SELECT
                respondent, role,
                if({segmented:Bool}, attributes, '') AS segment,
                toUInt64(arraySum((i, v) -> (v + {shift:Float64}) * transform(i, {items:Array(UInt16)}, {weights:Array(UInt64)}, toUInt64(0)), items, values)) AS pattern
            FROM responses FINAL
            WHERE program_id = {program:String} AND survey_id IN {surveys:Array(UUID)} AND wave_id = {now:UUID} AND role IN {roles:Array(String)} AND final
        ) AS later ON earlier.respondent = later.respondent
        GROUP BY role_then, segment_then, pattern_then, role_now, segment_now, pattern_now
    )
)
WHERE answered_then > 0 AND 2 * answered_then >= transform(toString(role_then), {roles:Array(String)}, {asked:Array(UInt16)}, toUInt16(65535))
    AND answered_now > 0 AND 2 * answered_now >= transform(toString(role_now), {roles:Array(String)}, {asked:Array(UInt16)}, toUInt16(65535))
GROUP BY role_then, segment_then, score_then, role_now, segment_now, score_now
