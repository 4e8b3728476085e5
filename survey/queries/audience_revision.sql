SELECT greatest(
    (SELECT max(revision) FROM programs WHERE program_id = {program:String}),
    (SELECT max(revision) FROM participants WHERE program_id = {program:String}),
    (SELECT max(revision) FROM pairs WHERE program_id = {program:String}),
    (SELECT max(revision) FROM goals WHERE program_id = {program:String}),
    (SELECT max(revision) FROM waves WHERE program_id = {program:String}),
    (SELECT max(revision) FROM invitations WHERE program_id = {program:String} AND survey_id = {survey:UUID} AND wave_id = {wave:UUID}))
