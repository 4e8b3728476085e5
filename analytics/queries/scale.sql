-- Sufficient statistics of one scale, and of the eNPS beside it, of every wave,
-- role and combination of attributes, in one scan.
--
-- Answers are whole points, so a response to the scale is one of few patterns.
-- The innermost query writes the pattern as one number, a digit an item (0: no
-- answer), and counts; everything else is done on the patterns and not on rows.
SELECT
    wave_id,
    role,
    segment,
    sum(people) AS submitted,
    sumIf(people, answered > 0) AS respondents,
    sumIf(people, valid) AS scored,
    sumIf(people * score, valid) AS score_sum,
    sumIf(people * score * score, valid) AS score_squares,
    sum(people * favourable) AS favourable_answers,
    sum(people * answered) AS answers,
    sumIf(people, complete) AS complete_cases,
    sumForEachIf(arrayMap(x -> x * people, keyed), complete) AS item_sums,
    sumForEachIf(arrayMap(x -> x * people, arrayFlatten(arrayMap(x -> arrayMap(y -> x * y, keyed), keyed))), complete) AS item_products,
    sum(high) AS promoters,
    sum(recommending) - sum(high) - sum(low) AS passives,
    sum(low) AS detractors
FROM (
    SELECT
        wave_id, role, segment, people, recommending, high, low,
        arrayMap(w -> intDiv(pattern, w) % {base:UInt64}, {weights:Array(UInt64)}) AS digits,
        arrayMap((d, r) -> toFloat64(multiIf(d = 0, 0, r = 1, {base:UInt64} - d, d)), digits, {reversed:Array(UInt16)}) AS keyed,
        arrayCount(d -> d > 0, digits) AS answered,
        arrayCount(x -> x >= {base:UInt64} - 2, keyed) AS favourable,
        transform(toString(role), {roles:Array(String)}, {asked:Array(UInt16)}, toUInt16(65535)) AS asked_items,
        answered > 0 AND 2 * answered >= asked_items AS valid,
        answered = asked_items AS complete,
        100 * (arraySum(keyed) / answered - 1) / ({base:UInt64} - 2) AS score
    FROM (
        SELECT
            wave_id, role,
            if({segmented:Bool}, attributes, '') AS segment,
            toUInt64(arraySum((i, v) -> (v + {shift:Float64}) * transform(i, {items:Array(UInt16)}, {weights:Array(UInt64)}, toUInt64(0)), items, values)) AS pattern,
            count() AS people,
            countIf(has(items, {enps:UInt16})) AS recommending,
            countIf(has(items, {enps:UInt16}) AND values[indexOf(items, {enps:UInt16})] >= 9) AS high,
            countIf(has(items, {enps:UInt16}) AND values[indexOf(items, {enps:UInt16})] <= 6) AS low
        FROM responses FINAL
        WHERE program_id = {program:String} AND survey_id IN {surveys:Array(UUID)} AND wave_id IN {waves:Array(UUID)}
            AND role IN {roles:Array(String)} AND final
        GROUP BY wave_id, role, segment, pattern
    )
)
GROUP BY wave_id, role, segment
