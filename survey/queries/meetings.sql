SELECT day
FROM meetings FINAL
WHERE program_id = {program:String} AND pair_id = {pair:UUID} AND held
ORDER BY day DESC
LIMIT {most:UInt32}
