-- Figures by group. Parameters: since, status, kind (NULL: any), by ('' puts all together).
WITH chosen AS (
    SELECT *,
        kind IN ('search', 'index') AS answerless,
        CASE $by
            WHEN 'model' THEN CASE model WHEN '' THEN '(none)' ELSE model END
            WHEN 'day' THEN strftime(started_at, '%Y-%m-%d')
            WHEN 'status' THEN status
            WHEN 'kind' THEN kind
            ELSE ''
        END AS grouped
    FROM runs
    WHERE ($since IS NULL OR started_at >= make_timestamp($since))
        AND ($status IS NULL OR status = $status)
        AND ($kind IS NULL OR kind = $kind)
),
cited AS (
    SELECT c.run_id, count(*) AS citations,
        bool_or((chosen.hits_record, c.passage_id) IN (
            SELECT (record_id, passage_id) FROM hits WHERE rank <= 3
        )) AS top3
    FROM citations c JOIN chosen ON chosen.id = c.run_id
    GROUP BY c.run_id
),
dropped AS (
    SELECT run_id, count(*) AS sentences FROM verdicts WHERE action = 'dropped' GROUP BY run_id
)
SELECT grouped,
    count(*) AS runs,
    count(*) FILTER (status = 'answered' AND NOT answerless) AS answered,
    count(*) FILTER (status = 'abstained') AS abstained,
    count(*) FILTER (status = 'degraded') AS degraded,
    count(*) FILTER (status = 'answered' AND answerless) AS done,
    count(*) FILTER (status IN ('failed', 'interrupted')) AS failed,
    count(*) FILTER (
        status NOT IN ('answered', 'abstained', 'degraded', 'failed', 'interrupted')
    ) AS other,
    coalesce(sum(input_tokens), 0)::BIGINT AS input_tokens,
    coalesce(sum(output_tokens), 0)::BIGINT AS output_tokens,
    coalesce(sum(cost_microusd), 0)::BIGINT AS cost_microusd,
    count(*) FILTER (cost_microusd IS NULL) AS unpriced,
    quantile_cont(latency_ms, 0.5) AS latency_p50,
    quantile_cont(latency_ms, 0.95) AS latency_p95,
    quantile_cont(first_token_ms, 0.5) AS first_token_p50,
    quantile_cont(first_token_ms, 0.95) AS first_token_p95,
    count(cited.run_id) AS cited,
    count(*) FILTER (cited.top3) AS cited_top3,
    coalesce(sum(cited.citations), 0)::BIGINT AS citations,
    coalesce(sum(dropped.sentences), 0)::BIGINT AS dropped_sentences
FROM chosen
LEFT JOIN cited ON cited.run_id = chosen.id
LEFT JOIN dropped ON dropped.run_id = chosen.id
GROUP BY grouped
ORDER BY grouped;
