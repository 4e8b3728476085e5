-- What the goals of a programme are known by: their last change, and how many
-- there are.
SELECT max(revision) AS latest, uniqExact(goal_id) AS goals
FROM goals
WHERE program_id = {program:String}
