SELECT program_id, code, place, title, measure, scale, role, at_most, target, due, removed, revision
FROM objectives FINAL
WHERE program_id = {program:String}
ORDER BY place, code
