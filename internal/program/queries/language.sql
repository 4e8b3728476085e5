SELECT participant_id, language, revision
FROM preferences FINAL
WHERE program_id = {program:String} AND participant_id IN {participants:Array(UUID)}
