SELECT a.model, a.outcome, a.error_type, b.body AS error, a.input_tokens, a.output_tokens,
    a.cost_microusd, a.first_token_ms, a.latency_ms, coalesce(a.estimated, false) AS estimated,
    coalesce(a.operation, 'chat') AS operation, coalesce(a.saved_tokens, 0) AS saved_tokens
FROM attempts a LEFT JOIN bodies b ON b.digest = a.error_digest
WHERE a.run_id = $id
ORDER BY split_part(a.record_id, ':', 1), split_part(a.record_id, ':', 2)::BIGINT;
