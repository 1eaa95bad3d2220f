SELECT added, updated, removed, unchanged, skipped, failed, passages
FROM syncs
WHERE run_id = $id
ORDER BY recorded_at DESC, split_part(record_id, ':', 2)::BIGINT DESC
LIMIT 1;
