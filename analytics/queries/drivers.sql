-- The scores of one role on several scales, where a response has all those of a
-- model: their sums and products over clusters of people, within each wave about
-- the mean of the role there, so that what changes for everybody from wave to wave
-- moves nothing. A model is a list of scales, the outcome first; each response
-- belongs to that of its wave, and to the first where {always} says so. People count with the attributes
-- that they had in the last wave. Large programmes have their people joined at
-- random into {buckets} clusters; a person's is the same in every wave.
WITH scored AS (
    SELECT
        wave_id, respondent, segment,
        indexOf({waves:Array(UUID)}, wave_id) AS wave_place,
        {model_of:Array(UInt16)}[wave_place] AS own_model,
        arrayJoin(arrayDistinct([if({always:Array(UInt16)}[wave_place] = 1, toUInt16(1), own_model), own_model])) AS model,
        arrayMap(s -> totals[s] / given[s], {models:Array(Array(UInt16))}[model]) AS vector
    FROM (
        SELECT
            wave_id, respondent,
            if({segmented:Bool}, attributes, '') AS segment,
            arrayMap(i -> indexOf({items:Array(UInt16)}, i), items) AS places,
            arrayMap(p -> if(p = 0, toUInt16(0), {scale_of:Array(UInt16)}[p]), places) AS scales,
            arrayMap((v, p) -> if(p = 0, 0., 100 * if({turned:Array(UInt16)}[p] = 1, {highs:Array(Float64)}[p] - v, v - {lows:Array(Float64)}[p])
                / ({highs:Array(Float64)}[p] - {lows:Array(Float64)}[p])), values, places) AS keyed,
            arrayMap(s -> countEqual(scales, s), {scales:Array(UInt16)}) AS given,
            arrayMap(s -> arraySum((x, of) -> if(of = s, x, 0.), keyed, scales), {scales:Array(UInt16)}) AS totals
        FROM responses FINAL
        WHERE program_id = {program:String} AND survey_id IN {surveys:Array(UUID)} AND wave_id IN {waves:Array(UUID)} AND role = {role:String} AND final
    )
    WHERE arrayAll(s -> given[s] > 0 AND 2 * given[s] >= {asked:Array(UInt16)}[s], {models:Array(Array(UInt16))}[model])
)
SELECT
    model,
    last_segment,
    cluster,
    count() AS people,
    sum(vectors) AS all_vectors,
    sumForEach(sums) AS all_sums,
    sumForEach(products) AS all_products
FROM (
    SELECT
        model,
        respondent,
        sipHash64(respondent) % {buckets:UInt64} AS cluster,
        argMax(segment, wave_place) AS last_segment,
        count() AS vectors,
        sumForEach(centred) AS sums,
        sumForEach(arrayFlatten(arrayMap(x -> arrayMap(y -> x * y, centred), centred))) AS products
    FROM (
        SELECT model, wave_place, respondent, segment, arrayMap((x, m) -> x - m, vector, mean) AS centred
        FROM scored
        INNER JOIN (SELECT model, wave_place, avgForEach(vector) AS mean FROM scored GROUP BY model, wave_place) AS means
            USING (model, wave_place)
    )
    GROUP BY model, respondent
)
GROUP BY model, last_segment, cluster
