-- A goal for each pair, which its two rate in bench_responses.sql.
INSERT INTO goals (program_id, pair_id, goal_id, code, title, weight, baseline, revision)
SELECT {program:String}, reinterpretAsUUID(sipHash128(number, 'pair')), reinterpretAsUUID(sipHash128(number, 'goal')), '1', 'Goal', 1, -1, 1
FROM numbers({pairs:UInt64})
