-- How many requests and calls of tools took how long and used how many tokens. Parameters: seconds
-- and tokens, the bounds of the histograms; a value's place is the number of bounds below it.
-- A request that told no tokens, because it failed, used none that anybody knows of; a call that
-- was denied took no time.
WITH requests AS (
    SELECT coalesce(operation, 'chat') AS operation, model,
        CASE WHEN outcome = 'ok' THEN '' WHEN error_type = '' THEN $other ELSE error_type END
            AS error,
        latency_ms / 1000 AS took_s, first_token_ms / 1000 AS first_s,
        input_tokens, output_tokens, outcome = 'ok' OR input_tokens + output_tokens > 0 AS told
    FROM attempts
),
measured AS (
    SELECT 'seconds' AS figure, [operation, model, error] AS labels, took_s AS measure
    FROM requests
    UNION ALL
    SELECT 'first', [operation, model], first_s FROM requests
    UNION ALL
    SELECT 'tokens', [operation, model, 'input'], input_tokens FROM requests WHERE told
    UNION ALL
    SELECT 'tokens', [operation, model, 'output'], output_tokens FROM requests
    WHERE told AND operation <> 'embeddings'
    UNION ALL
    SELECT 'tool', [
            tool,
            CASE WHEN outcome = 'ok' THEN '' WHEN error_type = '' THEN outcome ELSE error_type END
        ],
        latency_ms / 1000
    FROM tool_calls WHERE outcome <> 'denied'
)
SELECT figure, labels,
    len(list_filter(
        CASE figure WHEN 'tokens' THEN $tokens ELSE $seconds END::DOUBLE[], lambda b: b < measure
    )) AS above,
    count(*), sum(measure)
FROM measured
WHERE measure IS NOT NULL
GROUP BY figure, labels, above
ORDER BY figure, labels, above;
