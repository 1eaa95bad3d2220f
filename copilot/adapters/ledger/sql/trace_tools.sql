SELECT run_id, record_id, tool, effect, outcome, tainted, error_type,
    coalesce(latency_ms, 0) AS latency_ms, epoch_us(recorded_at) AS ended_us
FROM tool_calls
WHERE list_contains($ids::VARCHAR[], run_id)
ORDER BY run_id, split_part(record_id, ':', 1), split_part(record_id, ':', 2)::BIGINT;
