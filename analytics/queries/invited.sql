-- Which combinations of attributes the people invited to each wave have, by
-- role. A cut has a row for each of them from the start, so that a row that
-- appears does not tell that somebody in it has answered.
SELECT DISTINCT
    wave_id,
    role,
    attributes AS segment
FROM invitations FINAL
WHERE program_id = {program:String} AND survey_id IN {surveys:Array(UUID)} AND wave_id IN {waves:Array(UUID)}
