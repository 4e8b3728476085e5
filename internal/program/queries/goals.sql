SELECT program_id, pair_id, goal_id, code, title, levels, weight, baseline, revision
FROM goals FINAL
WHERE program_id = {program:String}
ORDER BY pair_id, code
