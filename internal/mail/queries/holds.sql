SELECT program_id, kind, subject, detail, changed_at
FROM mail_holds FINAL
WHERE program_id = {program:String} AND held
