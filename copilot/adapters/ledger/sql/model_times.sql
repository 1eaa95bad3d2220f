-- How long each model's latest chat request that went well took, and when its run began.
SELECT a.model, epoch_us(arg_max(r.started_at, a.recorded_at)),
    arg_max(a.latency_ms, a.recorded_at), arg_max_null(a.first_token_ms, a.recorded_at)
FROM attempts a JOIN runs r ON r.id = a.run_id
WHERE a.outcome = 'ok' AND coalesce(a.operation, 'chat') = 'chat' AND a.latency_ms IS NOT NULL
GROUP BY a.model;
