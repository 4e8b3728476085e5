-- What is kept of closed waves: of the things counted that are named, or of all
-- when none is.
SELECT wave_id, counted, wave_revision, rewritten, content
FROM counts FINAL
WHERE program_id = {program:String} AND survey_id IN {surveys:Array(UUID)} AND wave_id IN {waves:Array(UUID)}
    AND (empty({counted:Array(UUID)}) OR has({counted:Array(UUID)}, counted))
