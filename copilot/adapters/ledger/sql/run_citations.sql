SELECT c.n, c.passage_id, c.document_id, c.path, c.title, c.locator, b.body AS quote,
    c.quote_start, c.quote_end
FROM citations c LEFT JOIN bodies b ON b.digest = c.quote_digest
WHERE c.run_id = $id
ORDER BY c.record_id, c.n;
