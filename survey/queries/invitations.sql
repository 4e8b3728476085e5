SELECT program_id, survey_id, wave_id, participant_id, role, pair_id, attributes, revision
FROM invitations FINAL
WHERE program_id = {program:String} AND survey_id = {survey:UUID} AND wave_id = {wave:UUID}
ORDER BY participant_id
