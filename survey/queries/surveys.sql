SELECT program_id, survey_id, code, questionnaire_id, questionnaire_version, audience, recurrence, revision
FROM surveys FINAL
WHERE program_id = {program:String}
ORDER BY code
