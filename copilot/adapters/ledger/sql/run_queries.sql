SELECT b.body
FROM queries q LEFT JOIN bodies b ON b.digest = q.query_digest
WHERE q.run_id = $id
ORDER BY q.record_id, q.n;
