-- As many participants in pairs of a mentor and a mentee, the same who answer in
-- bench_responses.sql. One in fifty has left, and every tenth left the employer.
INSERT INTO participants
    (program_id, participant_id, external_id, role, attributes, joined, left, employed_from, employed_to, revision)
SELECT
    {program:String},
    reinterpretAsUUID(sipHash128(number)),
    toString(number),
    if(number % 2 = 0, 'mentor', 'mentee'),
    map('department', concat('department ', toString(intDiv(number, 2) % 12)), 'level', concat('level ', toString(number % 5))),
    {joined:Date32},
    if(number % 50 = 0, {joined:Date32} + toIntervalDay(number % 300), NULL),
    {joined:Date32} - toIntervalDay(400),
    if(number % 10 = 0, {joined:Date32} + toIntervalDay(number % 340), NULL),
    1
FROM numbers({people:UInt64})
