-- What each respondent of a wave has stored: the answer to one item, and how
-- many answers in all.
SELECT respondent, values[indexOf(items, {item:UInt16})] AS answer, length(items) + length(goals) AS answers
FROM responses FINAL
WHERE program_id = {program:String} AND wave_id = {wave:UUID} AND final
