-- What is kept of closed waves, of one thing counted.
SELECT wave_id, wave_revision, rewritten, content
FROM counts FINAL
WHERE program_id = {program:String} AND survey_id IN {surveys:Array(UUID)} AND wave_id IN {waves:Array(UUID)} AND counted = {counted:UUID}
