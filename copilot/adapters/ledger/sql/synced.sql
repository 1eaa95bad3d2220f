-- When the last sync of all sources began that came to its end; NULL when there was none.
SELECT epoch_us(max(started_at))
FROM runs
WHERE kind = 'index' AND status = 'answered'
    AND id IN (SELECT run_id FROM syncs WHERE coalesce(whole, true));
