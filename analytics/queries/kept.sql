-- What is kept of scales of closed waves.
SELECT wave_id, counted, wave_revision, rewritten, roles, attributes, counts, sums, item_sums, item_products
FROM tallies FINAL
WHERE program_id = {program:String} AND survey_id IN {surveys:Array(UUID)} AND wave_id IN {waves:Array(UUID)} AND counted IN {counted:Array(UUID)}
