-- How many people of each wave ask the programme team for help. Who they are is
-- shown to the owner by name, so their number is no secret.
SELECT wave_id, count() AS asking
FROM responses FINAL
WHERE program_id = {program:String} AND survey_id IN {surveys:Array(UUID)} AND wave_id IN {waves:Array(UUID)} AND final
    AND arrayExists((i, v) -> v = transform(i, {items:Array(UInt16)}, {answers:Array(Float64)}, toFloat64(-1)), items, values)
GROUP BY wave_id
