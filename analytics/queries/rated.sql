-- Of the pairs asked in a wave that have goals, how many had one rated by either
-- of the two. Only the counts leave the store: which pairs rated would tell who
-- has answered.
SELECT
    count() AS asked,
    countIf(pair_id IN (
        SELECT pair_id FROM goals FINAL WHERE program_id = {program:String} AND goal_id IN (
            SELECT arrayJoin(goals) FROM responses FINAL
            WHERE program_id = {program:String} AND survey_id = {survey:UUID} AND wave_id = {wave:UUID} AND final
        )
    )) AS rated
FROM (
    SELECT DISTINCT pair_id FROM invitations FINAL
    WHERE program_id = {program:String} AND survey_id = {survey:UUID} AND wave_id = {wave:UUID}
        AND pair_id IN (SELECT pair_id FROM goals FINAL WHERE program_id = {program:String})
)
