-- The scores of one scale in two waves, person by person, as a joint
-- distribution: how many people of which role and segment had which score then
-- and now. −1 stands for no score. Scores take few values, so there are few rows.
SELECT role_then, segment_then, score_then, role_now, segment_now, score_now, count() AS people
FROM (
    SELECT
        anyIf(role, wave_id = {then:UUID}) AS role_then,
        anyIf(segment, wave_id = {then:UUID}) AS segment_then,
        maxIf(score, wave_id = {then:UUID}) AS found_then,
        if(countIf(wave_id = {then:UUID}) = 0, -1, found_then) AS score_then,
        anyIf(role, wave_id = {now:UUID}) AS role_now,
        anyIf(segment, wave_id = {now:UUID}) AS segment_now,
        maxIf(score, wave_id = {now:UUID}) AS found_now,
        if(countIf(wave_id = {now:UUID}) = 0, -1, found_now) AS score_now
    FROM (
        SELECT
            wave_id, respondent, role,
            if(empty({attributes:Array(String)}), CAST(map(), 'Map(LowCardinality(String), LowCardinality(String))'),
                mapFilter((k, v) -> has({attributes:Array(String)}, k), attributes)) AS segment,
            arrayFilter((v, i) -> has({items:Array(UInt16)}, i), values, items) AS given,
            arraySum((v, i) -> if(has({reversed_items:Array(UInt16)}, i), {min:Float64} + {max:Float64} - v, v),
                given, arrayFilter(i -> has({items:Array(UInt16)}, i), items)) AS total,
            100 * (total / length(given) - {min:Float64}) / ({max:Float64} - {min:Float64}) AS score
        FROM responses FINAL
        WHERE program_id = {program:String} AND survey_id IN {surveys:Array(UUID)} AND wave_id IN ({then:UUID}, {now:UUID})
            AND role IN {roles:Array(String)} AND final
            AND notEmpty(given)
            AND 2 * length(given) >= transform(toString(role), {roles:Array(String)}, {asked:Array(UInt16)}, toUInt16(65535))
    )
    GROUP BY respondent
)
GROUP BY role_then, segment_then, score_then, role_now, segment_now, score_now
