SELECT rank, passage_id, document_id, path, title, locator, score, scores
FROM hits WHERE run_id = $id
ORDER BY record_id, rank;
