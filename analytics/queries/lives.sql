-- How long people stayed, in days from joining: in the programme, and in the
-- organisation for those whose employment is known. Who is still there on the
-- day of the count is censored then.
--
-- The text of the attributes is made of groups, since of each person it takes
-- longer than all else.
SELECT kind, role, if({segmented:Bool}, toJSONString(mapSort(known)), '') AS segment, days, countIf(gone) AS events, countIf(NOT gone) AS censored
FROM (
    SELECT
        role,
        if({segmented:Bool}, attributes, mapFilter((k, v) -> false, attributes)) AS known,
        arrayJoin([
            ('programme', left, true),
            ('organisation', employed_to, (employed_from IS NOT NULL OR employed_to IS NOT NULL) AND ifNull(employed_to >= joined, true))
        ]) AS life,
        life.1 AS kind,
        ifNull(life.2 <= {day:Date32}, false) AS gone,
        greatest(0, dateDiff('day', joined, if(gone, assumeNotNull(life.2), {day:Date32}))) AS days
    FROM participants FINAL
    WHERE program_id = {program:String} AND role IN {roles:Array(String)} AND joined <= {day:Date32}
)
WHERE life.3
GROUP BY kind, role, known, days
