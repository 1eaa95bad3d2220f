SELECT run_id, support, action, len(citations) AS citations, epoch_us(recorded_at) AS checked_us
FROM verdicts
WHERE list_contains($ids::VARCHAR[], run_id)
ORDER BY run_id, split_part(record_id, ':', 1), split_part(record_id, ':', 2)::BIGINT;
