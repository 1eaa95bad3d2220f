-- What a trace tells of the runs in $ids, oldest first; the texts are None where they are gone.
SELECT r.id, r.kind, r.status, epoch_us(r.started_at) AS started_us,
    greatest(
        epoch_us(r.started_at),
        coalesce(
            epoch_us(r.started_at) + (r.latency_ms * 1000)::BIGINT,
            epoch_us(r.finished_at),
            epoch_us(r.started_at))) AS ended_us,
    r.conversation, r.release, r.model, r.prompt_id, r.prompt_version, r.prompt_digest,
    r.index_version, r.follow_up, r.retrieval_ms, r.first_token_ms, r.input_tokens,
    r.output_tokens, r.cost_microusd, r.error_type, q.body AS question, a.body AS answer
FROM runs r
LEFT JOIN bodies q ON q.digest = r.question_digest
LEFT JOIN bodies a ON a.digest = r.answer_digest
WHERE list_contains($ids::VARCHAR[], r.id)
ORDER BY r.started_at, r.id;
