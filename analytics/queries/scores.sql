-- The scores of respondents on one scale, in every wave in which they have one.
-- Answers are scored as in scale.sql.
--
-- The respondents are those who left, so the server's log is to have no list of them.
SELECT respondent, wave_id, role, attributes, score
FROM (
    SELECT
        respondent, wave_id, role, attributes,
        arrayMap(w -> intDiv(pattern, w) % {base:UInt64}, {weights:Array(UInt64)}) AS digits,
        arrayCount(d -> d > 0, digits) AS answered,
        arraySum((d, r) -> toFloat64(multiIf(d = 0, 0, r = 1, {base:UInt64} - d, d)), digits, {reversed:Array(UInt16)}) AS total,
        100 * (total / answered - 1) / ({base:UInt64} - 2) AS score
    FROM (
        SELECT
            respondent, wave_id, role, attributes,
            toUInt64(arraySum((i, v) -> (v + {shift:Float64}) * transform(i, {items:Array(UInt16)}, {weights:Array(UInt64)}, toUInt64(0)), items, values)) AS pattern
        FROM responses FINAL
        WHERE program_id = {program:String} AND survey_id IN {surveys:Array(UUID)} AND wave_id IN {waves:Array(UUID)}
            AND respondent IN {respondents:Array(UUID)} AND role IN {roles:Array(String)} AND final
    )
)
WHERE answered > 0 AND 2 * answered >= transform(toString(role), {roles:Array(String)}, {asked:Array(UInt16)}, toUInt16(65535))
SETTINGS log_queries = 0
