-- Every run that ended, oldest first. Parameter: since (NULL: all of them).
SELECT id FROM runs
WHERE $since IS NULL OR started_at >= make_timestamp($since)
ORDER BY started_at, id;
