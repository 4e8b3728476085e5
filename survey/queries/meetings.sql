SELECT pair_id, day
FROM meetings FINAL
WHERE program_id = {program:String} AND pair_id IN {pairs:Array(UUID)} AND held
ORDER BY pair_id, day DESC
LIMIT {most:UInt32} BY pair_id
