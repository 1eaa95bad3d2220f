-- What the last search of the run looked for.
SELECT b.body
FROM queries q LEFT JOIN bodies b ON b.digest = q.query_digest
WHERE q.record_id = (SELECT queries_record FROM runs WHERE id = $id)
ORDER BY q.n;
