-- Invitations of the people of bench_roster.sql, and a tenth more who do not
-- answer.
INSERT INTO invitations (program_id, survey_id, wave_id, participant_id, role, pair_id, attributes, revision)
SELECT
    {program:String},
    {survey:UUID},
    {wave:UUID},
    reinterpretAsUUID(sipHash128(number)),
    if(number % 2 = 0, 'mentor', 'mentee'),
    reinterpretAsUUID(sipHash128(intDiv(number, 2), 'pair')),
    concat('{"department":"department ', toString(intDiv(number, 2) % 12), '","level":"level ', toString(number % 5), '"}'),
    1
FROM numbers(intDiv({people:UInt64} * 11, 10))
