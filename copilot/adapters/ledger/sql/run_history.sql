-- The turns before the question, oldest first.
SELECT t.role, b.body
FROM asked_turns t LEFT JOIN bodies b ON b.digest = t.text_digest
WHERE t.run_id = $id AND t.role <> 'summary'
ORDER BY t.record_id, t.n;
