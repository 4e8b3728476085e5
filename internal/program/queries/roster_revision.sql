SELECT max(latest)
FROM
(
    SELECT max(revision) AS latest FROM participants WHERE program_id = {program:String}
    UNION ALL
    SELECT max(revision) AS latest FROM pairs WHERE program_id = {program:String}
    UNION ALL
    SELECT max(revision) AS latest FROM goals WHERE program_id = {program:String}
)
