-- Goal attainment scores (Kiresuk & Sherman 1968, rho = 0.3) of every pair, now
-- and at baseline, from the ratings of each role, summed up by wave, role and
-- combination of attributes of those who rated.
SELECT
    wave_id,
    role,
    segment,
    count() AS pairs,
    sum(score) AS score_sum,
    sum(score * score) AS score_squares,
    sum(base) AS base_sum,
    sum(base * base) AS base_squares,
    sum(score - base) AS change_sum,
    sum((score - base) * (score - base)) AS change_squares,
    sum(rated) AS goals_rated,
    sumForEach(at_level) AS levels
FROM (
    SELECT
        wave_id,
        role,
        any(attributes_kept) AS segment,
        sqrt(0.7 * sum(weight * weight) + 0.3 * sum(weight) * sum(weight)) AS spread,
        50 + 10 * sum(weight * level) / spread AS score,
        50 + 10 * sum(weight * baseline) / spread AS base,
        count() AS rated,
        [countIf(level = -2), countIf(level = -1), countIf(level = 0), countIf(level = 1), countIf(level = 2)] AS at_level
    FROM (
        SELECT
            wave_id, respondent, role, goal, level,
            if({segmented:Bool}, attributes, '') AS attributes_kept
        FROM responses FINAL
        ARRAY JOIN goals AS goal, ratings AS level
        WHERE program_id = {program:String} AND survey_id IN {surveys:Array(UUID)} AND wave_id IN {waves:Array(UUID)}
            AND role IN ('mentor', 'mentee') AND final
    ) AS rating
    INNER JOIN (
        SELECT goal_id, pair_id, weight, baseline FROM goals FINAL WHERE program_id = {program:String} AND weight > 0
    ) AS scaled ON rating.goal = scaled.goal_id
    GROUP BY wave_id, role, respondent, pair_id
)
GROUP BY wave_id, role, segment
