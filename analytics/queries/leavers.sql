-- Who left the programme or the organisation by a day, and when. Answers are under
-- pseudonyms, which only the service can make of these people.
SELECT
    participant_id,
    if(ifNull(left <= {day:Date32}, false), left, NULL) AS left_programme,
    if(ifNull(employed_to <= {day:Date32} AND employed_to >= joined, false), employed_to, NULL) AS left_organisation
FROM participants FINAL
WHERE program_id = {program:String} AND role IN {roles:Array(String)} AND joined <= {day:Date32}
    AND (left_programme IS NOT NULL OR left_organisation IS NOT NULL)
ORDER BY participant_id
