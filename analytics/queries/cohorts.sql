-- People by the first wave that opened on or after the day they joined, and by
-- the first wave that they were gone by (0: none yet). Waves count from 1.
SELECT
    role,
    arrayFirstIndex(d -> d >= joined, {opens:Array(Date32)}) AS entered,
    arrayFirstIndex(d -> ifNull(left <= d, false), {opens:Array(Date32)}) AS gone_by,
    count() AS people
FROM participants FINAL
WHERE program_id = {program:String} AND role IN {roles:Array(String)} AND joined <= {day:Date32}
GROUP BY role, entered, gone_by
HAVING entered > 0
