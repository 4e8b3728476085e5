-- What the people of a programme, past and present, are called.
SELECT DISTINCT name, email
FROM participants FINAL
WHERE program_id = {program:String}
