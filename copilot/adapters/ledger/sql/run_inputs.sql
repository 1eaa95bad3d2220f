-- What else the answer depended on, and who asked.
SELECT a.inputs, r.principal
FROM asked_with a JOIN runs r ON r.id = a.run_id
WHERE a.run_id = $id
ORDER BY a.recorded_at DESC
LIMIT 1;
