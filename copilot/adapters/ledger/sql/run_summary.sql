-- The summary of the turns before those, where one was given.
SELECT b.body
FROM asked_turns t LEFT JOIN bodies b ON b.digest = t.text_digest
WHERE t.run_id = $id AND t.role = 'summary';
