SELECT participant_id, language, revision
FROM preferences FINAL
WHERE program_id = {program:String}
