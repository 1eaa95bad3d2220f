-- The best hit of each run that searched, and its cosine where there is one: the rank's own score
-- is standardised over the hits of one search, and says nothing beside another's.
-- Parameters: since, until (NULL: now), in microseconds.
SELECT coalesce((h.scores->>'$.dense')::DOUBLE, h.score), h.document_id
FROM runs r JOIN hits h ON h.run_id = r.id AND h.record_id = r.hits_record AND h.rank = 1
WHERE r.started_at >= make_timestamp($since)
    AND ($until IS NULL OR r.started_at < make_timestamp($until))
ORDER BY r.started_at, r.id;
