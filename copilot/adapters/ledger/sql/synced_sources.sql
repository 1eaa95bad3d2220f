-- When the last sync began that came to its end and read a source to its end, for each source.
SELECT s.source, epoch_us(max(runs.started_at))
FROM synced_sources s JOIN runs ON runs.id = s.run_id
WHERE runs.kind = 'index' AND runs.status = 'answered'
GROUP BY s.source;
