SELECT t.tool, t.effect, t.outcome, t.tainted, t.error_type, a.body AS arguments,
    r.body AS result, e.body AS error
FROM tool_calls t
LEFT JOIN bodies a ON a.digest = t.arguments_digest
LEFT JOIN bodies r ON r.digest = t.result_digest
LEFT JOIN bodies e ON e.digest = t.error_digest
WHERE t.run_id = $id
ORDER BY split_part(t.record_id, ':', 1), split_part(t.record_id, ':', 2)::BIGINT;
