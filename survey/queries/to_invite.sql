-- Who is asked in a wave that opens on a day and has no invitation to it yet, by
-- role and by the attributes that figures are cut by.
SELECT
    role,
    toJSONString(mapFilter((name, value) -> has({attributes:Array(String)}, name) AND value != '', attributes)) AS kept,
    groupArray(participant_id) AS people
FROM participants FINAL
WHERE program_id = {program:String}
    AND role IN {roles:Array(String)}
    AND joined <= {day:Date32} AND (left IS NULL OR left > {day:Date32})
    AND participant_id NOT IN (
        SELECT participant_id
        FROM invitations
        WHERE program_id = {program:String} AND survey_id = {survey:UUID} AND wave_id = {wave:UUID})
GROUP BY role, kept
