SELECT program_id, name, policy, k, time_zone, languages, attributes, starts, ends, contact, demo, key_revision, revision
FROM programs FINAL
ORDER BY program_id
