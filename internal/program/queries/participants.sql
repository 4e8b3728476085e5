SELECT program_id, participant_id, external_id, email, name, language, time_zone, role, attributes, joined, left, employed_from, employed_to, link_revision, revision
FROM participants FINAL
WHERE program_id = {program:String}
ORDER BY participant_id
