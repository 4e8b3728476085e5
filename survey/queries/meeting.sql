SELECT held, revision
FROM meetings FINAL
WHERE program_id = {program:String} AND pair_id = {pair:UUID} AND day = {day:Date32}
