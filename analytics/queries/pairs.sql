-- Every pair of the programme with the facts by which it is judged on a day: who
-- it is, the goals agreed and the meetings noted. No answer is among them, nor
-- whether there is one.
SELECT
    pair.pair_id, pair.mentor_id, pair.mentee_id, mentor.shown, mentee.shown,
    pair.started, pair.ended, mentor.departed, mentee.departed,
    agreed.goals, met.meetings, met.recent, met.latest
FROM (
    SELECT pair_id, mentor_id, mentee_id, started, ended FROM pairs FINAL WHERE program_id = {program:String}
) AS pair
LEFT JOIN (
    SELECT participant_id, left AS departed, if(name != '', name, if(email != '', email, external_id)) AS shown
    FROM participants FINAL WHERE program_id = {program:String}
) AS mentor ON mentor.participant_id = pair.mentor_id
LEFT JOIN (
    SELECT participant_id, left AS departed, if(name != '', name, if(email != '', email, external_id)) AS shown
    FROM participants FINAL WHERE program_id = {program:String}
) AS mentee ON mentee.participant_id = pair.mentee_id
LEFT JOIN (
    SELECT pair_id, count() AS goals FROM goals FINAL WHERE program_id = {program:String} GROUP BY pair_id
) AS agreed ON agreed.pair_id = pair.pair_id
LEFT JOIN (
    SELECT pair_id, count() AS meetings, countIf(day > {since:Date32}) AS recent, max(day) AS latest
    FROM meetings FINAL WHERE program_id = {program:String} AND held AND day <= {day:Date32} GROUP BY pair_id
) AS met ON met.pair_id = pair.pair_id
