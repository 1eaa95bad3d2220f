SELECT r.id, r.kind, r.status, epoch_us(r.started_at) AS started_us, q.body AS question,
    r.conversation, r.principal, r.release, r.model, r.latency_ms, r.first_token_ms,
    r.input_tokens, r.output_tokens, r.cost_microusd,
    (SELECT count(*) FROM citations c WHERE c.run_id = r.id) AS citations,
    r.follow_up, r.index_version, r.retrieval_ms, r.prompt_id, r.prompt_version,
    r.prompt_digest, m.body AS model_reason, a.body AS answer, r.error_type, e.body AS error,
    coalesce(r.route, '') AS route
FROM runs r
LEFT JOIN bodies q ON q.digest = r.question_digest
LEFT JOIN bodies a ON a.digest = r.answer_digest
LEFT JOIN bodies m ON m.digest = r.model_reason_digest
LEFT JOIN bodies e ON e.digest = r.error_digest
WHERE r.id = $id;
