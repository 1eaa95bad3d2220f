-- One row a run, newest first. Parameters: since, status, kind (NULL: any), n.
SELECT r.id, r.kind, r.status, epoch_us(r.started_at) AS started_us, b.body AS question,
    r.conversation, r.principal, r.release, r.model, r.latency_ms, r.first_token_ms,
    r.input_tokens, r.output_tokens, r.cost_microusd,
    (SELECT count(*) FROM citations c WHERE c.run_id = r.id) AS citations
FROM runs r
LEFT JOIN bodies b ON b.digest = r.question_digest
WHERE ($since IS NULL OR r.started_at >= make_timestamp($since))
    AND ($status IS NULL OR r.status = $status)
    AND ($kind IS NULL OR r.kind = $kind)
ORDER BY r.started_at DESC, r.id DESC
LIMIT $n;
