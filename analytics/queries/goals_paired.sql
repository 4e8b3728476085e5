-- The goals that the same people rated in both of two waves, by the roles and
-- attributes of those who did: how many were at the expected level or above in
-- both, the earlier only, the later only, and in neither; and the sums of their
-- attainment scores (see goals.sql) in each, and of the differences. Those who
-- rated other goals of their pair in the two waves are left out: they count as
-- having come and gone.
WITH rated AS (
    SELECT
        wave_id, respondent, role, pair_id,
        50 + 10 * sum(weight * level) / sqrt(0.7 * sum(weight * weight) + 0.3 * sum(weight) * sum(weight)) AS score,
        any(attributes_kept) AS segment,
        arraySort(groupArray((goal, level >= 0))) AS ratings_by_goal,
        arrayMap(r -> r.1, ratings_by_goal) AS goals_rated,
        arrayMap(r -> r.2, ratings_by_goal) AS met
    FROM (
        SELECT
            wave_id, respondent, role, goal, level,
            if({segmented:Bool}, attributes, '') AS attributes_kept
        FROM responses FINAL
        ARRAY JOIN goals AS goal, ratings AS level
        WHERE program_id = {program:String} AND survey_id IN {surveys:Array(UUID)} AND wave_id IN [{then:UUID}, {now:UUID}]
            AND role IN ('mentor', 'mentee') AND final
    ) AS rating
    INNER JOIN (
        SELECT goal_id, pair_id, weight FROM goals FINAL WHERE program_id = {program:String} AND weight > 0
    ) AS scaled ON rating.goal = scaled.goal_id
    GROUP BY wave_id, respondent, role, pair_id
)
SELECT
    earlier.role AS role_then, earlier.segment AS segment_then,
    later.role AS role_now, later.segment AS segment_now,
    count() AS pairs,
    sum(arrayCount((a, b) -> a AND b, earlier.met, later.met)) AS in_both,
    sum(arrayCount((a, b) -> a AND NOT b, earlier.met, later.met)) AS in_earlier,
    sum(arrayCount((a, b) -> b AND NOT a, earlier.met, later.met)) AS in_later,
    sum(arrayCount((a, b) -> NOT a AND NOT b, earlier.met, later.met)) AS in_neither,
    sum(earlier.score) AS score_then, sum(earlier.score * earlier.score) AS score_then_squares,
    sum(later.score) AS score_now, sum(later.score * later.score) AS score_now_squares,
    sum(later.score - earlier.score) AS change_sum, sum((later.score - earlier.score) * (later.score - earlier.score)) AS change_squares
FROM (SELECT * FROM rated WHERE wave_id = {then:UUID}) AS earlier
INNER JOIN (SELECT * FROM rated WHERE wave_id = {now:UUID}) AS later
    ON earlier.respondent = later.respondent AND earlier.pair_id = later.pair_id AND earlier.goals_rated = later.goals_rated
GROUP BY role_then, segment_then, role_now, segment_now
