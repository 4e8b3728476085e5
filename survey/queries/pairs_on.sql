-- The pairs that work on a day, as three parallel lists in the order of their ids.
SELECT groupArray(pair_id), groupArray(mentor_id), groupArray(mentee_id)
FROM (
    SELECT pair_id, mentor_id, mentee_id
    FROM pairs FINAL
    WHERE program_id = {program:String} AND started <= {day:Date32} AND (ended IS NULL OR ended > {day:Date32})
    ORDER BY pair_id)
