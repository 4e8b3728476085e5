-- Answers of as many people to one wave, in turn mentors and mentees, without
-- anybody's help: each item's answer lies between its ends, more often high.
INSERT INTO responses
    (program_id, survey_id, wave_id, respondent, role, pair, attributes, final, items, values, goals, ratings, submitted_at, seconds, revision)
SELECT
    {program:String},
    {survey:UUID},
    {wave:UUID},
    reinterpretAsUUID(sipHash128(number)),
    if(number % 2 = 0, 'mentor', 'mentee'),
    reinterpretAsUUID(sipHash128(intDiv(number, 2), 'pair')),
    concat('{"department":"department ', toString(intDiv(number, 2) % 12), '","level":"level ', toString(number % 5), '"}'),
    true,
    if(number % 2 = 0, {mentor_items:Array(UInt16)}, {mentee_items:Array(UInt16)}),
    arrayMap(
        (i, low, high) -> low + least(high - low, floor((high - low + 1) * sqrt(sipHash64(number, i) % 1000 / 1000))),
        if(number % 2 = 0, {mentor_items:Array(UInt16)}, {mentee_items:Array(UInt16)}),
        if(number % 2 = 0, {mentor_lows:Array(Float32)}, {mentee_lows:Array(Float32)}),
        if(number % 2 = 0, {mentor_highs:Array(Float32)}, {mentee_highs:Array(Float32)})),
    [reinterpretAsUUID(sipHash128(intDiv(number, 2), 'goal'))],
    [toInt8(sipHash64(number, 'goal') % 5) - 2],
    now64(3) - toIntervalSecond(sipHash64(number, 'at') % 3600),
    toUInt32(40 + sipHash64(number, 'seconds') % 200),
    number + 1
FROM numbers({people:UInt64})
