-- Who is asked in a wave that opens on a day and has no invitation to it yet, with
-- the attributes that figures are cut by.
SELECT
    participant_id,
    role,
    toLowCardinality(toJSONString(mapFilter((name, value) -> has({attributes:Array(String)}, name) AND value != '', attributes))) AS attributes
FROM participants FINAL
WHERE program_id = {program:String}
    AND role IN {roles:Array(String)}
    AND joined <= {day:Date32} AND (left IS NULL OR left > {day:Date32})
    AND participant_id NOT IN (
        SELECT participant_id
        FROM invitations
        WHERE program_id = {program:String} AND survey_id = {survey:UUID} AND wave_id = {wave:UUID})
ORDER BY participant_id
