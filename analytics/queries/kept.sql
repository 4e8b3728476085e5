-- What is kept of one scale of closed waves.
SELECT wave_id, wave_revision, rewritten, roles, attributes, counts, sums, item_sums, item_products
FROM tallies FINAL
WHERE program_id = {program:String} AND survey_id IN {surveys:Array(UUID)} AND wave_id IN {waves:Array(UUID)} AND counted = {counted:UUID}
