SELECT definition
FROM questionnaires FINAL
WHERE program_id = {program:String} AND questionnaire_id = {questionnaire:String} AND version = {version:UInt32}
