-- The last rewrite of each wave that had one, and whether it is done.
SELECT wave_id, done, revision
FROM rewrites FINAL
WHERE program_id = {program:String} AND survey_id IN {surveys:Array(UUID)} AND wave_id IN {waves:Array(UUID)}
