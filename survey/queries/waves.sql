SELECT program_id, survey_id, wave_id, number, occurrence, opens, closes, questionnaire_id, questionnaire_version, revision
FROM waves FINAL
WHERE program_id = {program:String}
ORDER BY opens, wave_id
