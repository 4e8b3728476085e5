SELECT max(length(ratings))
FROM responses
WHERE program_id = {program:String}
