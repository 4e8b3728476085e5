-- How many people went the same way through the waves with the goals of a pair: in
-- each wave their role and attributes, "" where they did not rate them. Who rates
-- other goals of the pair is from then on somebody else.
SELECT roles, segments, count() AS people
FROM (
    SELECT
        groupArray(indexOf({waves:Array(UUID)}, wave_id)) AS places,
        groupArray(toString(role)) AS held,
        groupArray(toString(known)) AS attributes_then,
        range(1, length({waves:Array(UUID)}) + 1) AS numbers,
        arrayMap(i -> if(has(places, i), held[indexOf(places, i)], ''), numbers) AS roles,
        arrayMap(i -> if(has(places, i), attributes_then[indexOf(places, i)], ''), numbers) AS segments
    FROM (
        SELECT wave_id, respondent, role, pair_id, any(attributes) AS known, arraySort(groupArray(goal)) AS goals_rated
        FROM (
            SELECT wave_id, respondent, role, attributes, goal
            FROM responses FINAL
            ARRAY JOIN goals AS goal
            WHERE program_id = {program:String} AND survey_id IN {surveys:Array(UUID)} AND wave_id IN {waves:Array(UUID)}
                AND role IN ('mentor', 'mentee') AND final
        ) AS rating
        INNER JOIN (
            SELECT goal_id, pair_id FROM goals FINAL WHERE program_id = {program:String} AND weight > 0
        ) AS scaled ON rating.goal = scaled.goal_id
        GROUP BY wave_id, respondent, role, pair_id
    )
    GROUP BY respondent, pair_id, goals_rated
)
GROUP BY roles, segments
LIMIT {most:UInt32}
