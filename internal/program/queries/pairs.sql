SELECT program_id, pair_id, mentor_id, mentee_id, started, ended, revision
FROM pairs FINAL
WHERE program_id = {program:String}
ORDER BY pair_id
