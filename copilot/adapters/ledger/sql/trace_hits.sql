-- The last search of each run.
SELECT h.run_id, h.rank, h.passage_id, h.document_id, h.score
FROM hits h JOIN runs r ON r.id = h.run_id AND r.hits_record = h.record_id
WHERE list_contains($ids::VARCHAR[], h.run_id)
ORDER BY h.run_id, h.rank;
