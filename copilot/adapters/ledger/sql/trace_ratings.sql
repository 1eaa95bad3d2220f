-- Every rating of a run, oldest first. Parameter: since (NULL: all of them).
SELECT record_id, run_id, rating, epoch_us(recorded_at) AS rated_us
FROM feedback
WHERE run_id <> '' AND ($since IS NULL OR recorded_at >= make_timestamp($since))
ORDER BY recorded_at, record_id;
