SELECT max(revision)
FROM mail_holds
WHERE program_id = {program:String}
