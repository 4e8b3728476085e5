-- How far apart the two of a pair are in rating their goals: over the pairs with
-- a goal that both rated, how many fall into each class by the mean difference of
-- those goals; and how many of either role rated a goal that the other did not.
SELECT
    wave_id,
    countIf(shared > 0 AND gap >= {clear:Float64}) AS mentor_higher,
    countIf(shared > 0 AND gap > -{clear:Float64} AND gap < {clear:Float64}) AS similar,
    countIf(shared > 0 AND gap <= -{clear:Float64}) AS mentee_higher,
    countIf(mentor_goals > shared) AS mentors_alone,
    countIf(mentee_goals > shared) AS mentees_alone
FROM (
    SELECT
        wave_id, pair,
        countIf(by_mentor AND by_mentee) AS shared,
        countIf(by_mentor) AS mentor_goals,
        countIf(by_mentee) AS mentee_goals,
        round(avgIf(mentor_level - mentee_level, by_mentor AND by_mentee), 6) AS gap
    FROM (
        SELECT
            wave_id,
            any(scaled.pair_id) AS pair,
            goal,
            countIf(role = 'mentor') > 0 AS by_mentor,
            countIf(role = 'mentee') > 0 AS by_mentee,
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
    )
    GROUP BY wave_id, pair
)
GROUP BY wave_id
