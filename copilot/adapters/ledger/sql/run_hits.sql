-- The last search of the run; one that found nothing has no rows here.
SELECT h.rank, h.passage_id, h.document_id, h.path, h.title, h.locator, h.score, h.scores, f.kept,
    coalesce(f.reason, '')
FROM hits h
LEFT JOIN hit_fates f ON f.run_id = h.run_id AND f.passage_id = h.passage_id
WHERE h.record_id = (SELECT hits_record FROM runs WHERE id = $id)
ORDER BY h.rank;
