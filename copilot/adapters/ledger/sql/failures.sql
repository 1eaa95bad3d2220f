-- Failures with the same origin, place, type and text. Parameters: since, until, status, kind,
-- model, route, prompt and rating (NULL: any).
WITH chosen AS (
    SELECT id, kind, status, started_at, finished_at, error_type, error_digest
    FROM runs
    WHERE ($since IS NULL OR started_at >= make_timestamp($since))
        AND ($until IS NULL OR started_at < make_timestamp($until))
        AND ($status IS NULL OR status = $status)
        AND ($kind IS NULL OR kind = $kind)
        AND ($model IS NULL OR model = $model)
        AND ($route IS NULL OR route = $route)
        AND ($prompt IS NULL OR coalesce(prompt_id || ' ' || prompt_version, '(none)') = $prompt)
        AND ($rating IS NULL OR CASE $rating WHEN 'good' THEN good > 0 ELSE bad > 0 END)
),
failed AS (
    SELECT 'run' AS origin, kind AS place,
        CASE WHEN error_type = '' THEN status ELSE error_type END AS error_type,
        error_digest AS digest, id AS run_id, started_at
    FROM chosen
    WHERE status IN ('failed', 'interrupted')
    UNION ALL
    SELECT 'model', a.model, a.error_type, a.error_digest, a.run_id, chosen.started_at
    FROM attempts a JOIN chosen ON chosen.id = a.run_id
    WHERE a.outcome = 'failed'
    UNION ALL
    SELECT 'tool', t.tool, CASE WHEN t.error_type = '' THEN t.outcome ELSE t.error_type END,
        t.error_digest, t.run_id, chosen.started_at
    FROM tool_calls t JOIN chosen ON chosen.id = t.run_id
    WHERE t.outcome <> 'ok'
),
same AS (
    SELECT origin, place, error_type, digest, count(*) AS failures,
        epoch_us(min(started_at)) AS first_us, epoch_us(max(started_at)) AS last_us,
        arg_max(run_id, (started_at, run_id)) AS last_run
    FROM failed
    GROUP BY ALL
)
SELECT origin, place, error_type, b.body AS message, failures, first_us, last_us, last_run
FROM same LEFT JOIN bodies b ON b.digest = same.digest
ORDER BY failures DESC, last_us DESC, origin, place, error_type, same.digest;
