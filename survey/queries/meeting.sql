SELECT pair_id, day, held, revision
FROM meetings FINAL
WHERE program_id = {program:String} AND pair_id IN {pairs:Array(UUID)} AND day IN {days:Array(Date32)}
