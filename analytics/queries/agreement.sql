-- Ratings of the same goals by mentor and mentee in each wave: what the
-- intraclass correlation needs, and how many pairs are behind it.
SELECT
    wave_id,
    uniqExact(pair_id) AS pairs,
    count() AS goals_rated,
    avg(mentor_level) AS mentor_mean,
    varSampStable(mentor_level) AS mentor_variance,
    avg(mentee_level) AS mentee_mean,
    varSampStable(mentee_level) AS mentee_variance,
    covarSampStable(mentor_level, mentee_level) AS covariance
FROM (
    SELECT
        wave_id,
        goal,
        any(scaled.pair_id) AS pair_id,
        avgIf(level, role = 'mentor') AS mentor_level,
        avgIf(level, role = 'mentee') AS mentee_level
    FROM (
        SELECT wave_id, role, goal, level
        FROM responses FINAL
        ARRAY JOIN goals AS goal, ratings AS level
        WHERE program_id = {program:String} AND survey_id IN {surveys:Array(UUID)} AND wave_id IN {waves:Array(UUID)}
            AND role IN ('mentor', 'mentee') AND final
    ) AS rating
    INNER JOIN (
        SELECT goal_id, pair_id FROM goals FINAL WHERE program_id = {program:String}
    ) AS scaled ON rating.goal = scaled.goal_id
    GROUP BY wave_id, goal
    HAVING countIf(role = 'mentor') > 0 AND countIf(role = 'mentee') > 0
)
GROUP BY wave_id
