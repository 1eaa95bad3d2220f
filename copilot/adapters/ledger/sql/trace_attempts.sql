SELECT run_id, record_id, model, outcome, error_type, input_tokens, output_tokens,
    cost_microusd, coalesce(estimated, false) AS estimated, first_token_ms,
    coalesce(latency_ms, 0) AS latency_ms, coalesce(operation, 'chat') AS operation,
    epoch_us(recorded_at) AS ended_us
FROM attempts
WHERE list_contains($ids::VARCHAR[], run_id)
ORDER BY run_id, split_part(record_id, ':', 1), split_part(record_id, ':', 2)::BIGINT;
