SELECT run_id, guard, coalesce(latency_ms, 0) AS latency_ms, epoch_us(recorded_at) AS checked_us
FROM guard_checks
WHERE list_contains($ids::VARCHAR[], run_id)
ORDER BY run_id, split_part(record_id, ':', 1), split_part(record_id, ':', 2)::BIGINT;
