-- Sufficient statistics of one scale, by wave: over those who answered at least
-- half of its items, their mean; over those who answered all, the sums and the
-- products of the items. Answers are counted from 1, reversed ones turned.
SELECT
    wave_id,
    countIf(answered > 0 AND 2 * answered >= length({scale_items:Array(UInt16)})) AS respondents,
    avgIf(mean, answered > 0 AND 2 * answered >= length({scale_items:Array(UInt16)})) AS average,
    varSampIf(mean, answered > 0 AND 2 * answered >= length({scale_items:Array(UInt16)})) AS variance,
    countIf(answered = length({scale_items:Array(UInt16)})) AS complete,
    sumForEachIf(keyed, answered = length({scale_items:Array(UInt16)})) AS item_sums,
    sumForEachIf(arrayFlatten(arrayMap(x -> arrayMap(y -> x * y, keyed), keyed)), answered = length({scale_items:Array(UInt16)})) AS item_products
FROM (
    SELECT
        wave_id,
        arrayMap(i -> toFloat64(multiIf(
            NOT has(items, i), 0,
            has({reversed_items:Array(UInt16)}, i), {max:Float64} + 1 - values[indexOf(items, i)],
            values[indexOf(items, i)] + 1 - {min:Float64})), {scale_items:Array(UInt16)}) AS keyed,
        arrayCount(i -> has(items, i), {scale_items:Array(UInt16)}) AS answered,
        arraySum(keyed) / answered AS mean
    FROM responses FINAL
    WHERE program_id = {program:String} AND survey_id = {survey:UUID} AND wave_id IN {waves:Array(UUID)} AND final
)
GROUP BY wave_id
