-- Figures by group, from what each run was counted to (count.sql). Parameters: since, until,
-- status, kind, model, route, prompt and rating (NULL: any), by (empty puts all together). The columns
-- are the fields of StatsRow.
WITH chosen AS NOT MATERIALIZED (
    SELECT *,
        kind IN ('search', 'index', 'extract', 'test') AS answerless,
        CASE $by
            WHEN 'model' THEN CASE model WHEN '' THEN '(none)' ELSE model END
            WHEN 'hour' THEN strftime(started_at, '%Y-%m-%d %H:00')
            WHEN 'day' THEN strftime(started_at, '%Y-%m-%d')
            WHEN 'month' THEN strftime(started_at, '%Y-%m')
            WHEN 'route' THEN CASE route WHEN '' THEN '(none)' ELSE route END
            WHEN 'prompt' THEN coalesce(prompt_id || ' ' || prompt_version, '(none)')
            WHEN 'status' THEN status
            WHEN 'kind' THEN kind
            WHEN 'release' THEN CASE release WHEN '' THEN '(none)' ELSE release END
            ELSE ''
        END AS "group"
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
synced AS (
    SELECT started_at AS synced_at
    FROM runs
    WHERE kind = 'index' AND status = 'answered'
        AND id IN (SELECT run_id FROM syncs WHERE coalesce(whole, true))
),
aged AS (
    SELECT "group", count(*) AS index_aged,
        quantile_cont(epoch_us(started_at - synced_at) / 1e6, 0.95) AS index_age_p95_s
    FROM chosen ASOF JOIN synced ON chosen.started_at >= synced.synced_at
    WHERE hits_record IS NOT NULL
    GROUP BY "group"
),
added AS (
    SELECT "group",
        count(*) AS runs,
        count(*) FILTER (status = 'answered' AND NOT answerless) AS answered,
        count(*) FILTER (status = 'abstained') AS abstained,
        count(*) FILTER (status = 'degraded') AS degraded,
        count(*) FILTER (status = 'answered' AND answerless) AS done,
        count(*) FILTER (status IN ('failed', 'interrupted')) AS failed,
        count(*) FILTER (
            status NOT IN ('answered', 'abstained', 'degraded', 'failed', 'interrupted')
        ) AS other,
        sum(input_tokens)::BIGINT AS input_tokens,
        sum(output_tokens)::BIGINT AS output_tokens,
        sum(coalesce(saved_tokens, 0))::BIGINT AS saved_tokens,
        coalesce(sum(cost_microusd), 0)::BIGINT AS cost_microusd,
        count(*) FILTER (cost_microusd IS NULL) AS unpriced,
        quantile_cont(latency_ms, [0.5, 0.95]) AS latency,
        quantile_cont(first_token_ms, [0.5, 0.95]) AS first_token,
        count(*) FILTER (citations > 0) AS cited,
        count(*) FILTER (cites_top3) AS cited_top3,
        sum(citations)::BIGINT AS citations,
        sum(dropped)::BIGINT AS dropped_sentences,
        count(*) FILTER (status = 'interrupted') AS interrupted,
        count(*) FILTER (status = 'limited') AS limited,
        count(*) FILTER (status = 'answered' AND bad = 0) AS succeeded,
        sum(calls)::BIGINT AS calls,
        sum(failed_calls)::BIGINT AS failed_calls,
        sum(shown)::BIGINT AS sentences,
        sum(supported)::BIGINT AS supported,
        count(*) FILTER (shown > 0) AS checked,
        count(*) FILTER (shown > supported) AS ungrounded,
        sum(good)::BIGINT AS good,
        sum(bad)::BIGINT AS bad,
        count(*) FILTER (guarded) AS guarded,
        count(*) FILTER (violating) AS violating,
        count(*) FILTER (leaking) AS leaking,
        sum(tool_calls)::BIGINT AS tool_calls,
        sum(failed_tool_calls)::BIGINT AS failed_tool_calls,
        count(*) FILTER (tool_calls > 0) AS with_tools,
        quantile_cont(latency_ms, 0.95) FILTER (tool_calls = 0) AS toolless_latency_p95_ms,
        quantile_cont(latency_ms, 0.95) FILTER (tool_calls > 0) AS tools_latency_p95_ms,
        sum(extractions)::BIGINT AS extractions,
        sum(valid_at_first)::BIGINT AS valid_at_first,
        sum(valid_at_last)::BIGINT AS valid_at_last,
        count(*) FILTER (cache_asked) AS cache_asked,
        count(*) FILTER (cache_hit) AS cache_hits,
        sum(cache_checked)::BIGINT AS cache_checked,
        sum(cache_wrong)::BIGINT AS cache_wrong,
        sum(cache_saved_microusd)::BIGINT AS cache_saved_microusd
    FROM chosen
    GROUP BY "group"
)
SELECT * EXCLUDE (latency, first_token) REPLACE (coalesce(index_aged, 0) AS index_aged),
    latency[1] AS latency_p50_ms, latency[2] AS latency_p95_ms,
    first_token[1] AS first_token_p50_ms, first_token[2] AS first_token_p95_ms
FROM added LEFT JOIN aged USING ("group")
ORDER BY "group";
