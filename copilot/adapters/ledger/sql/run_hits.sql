-- The last search of the run; one that found nothing has no rows here.
SELECT rank, passage_id, document_id, path, title, locator, score, scores
FROM hits
WHERE record_id = (SELECT hits_record FROM runs WHERE id = $id)
ORDER BY rank;
