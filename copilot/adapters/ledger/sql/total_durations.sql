-- How many runs of a kind took how long. Parameter: bounds, in seconds; the number of bounds that
-- a duration lies above names its place in the histogram.
SELECT figure, [kind] AS labels,
    len(list_filter($bounds::DOUBLE[], lambda b: b < ms / 1000)) AS above, count(*), sum(ms / 1000)
FROM (
    SELECT 'run' AS figure, kind, latency_ms AS ms FROM runs WHERE latency_ms IS NOT NULL
    UNION ALL
    SELECT 'first', kind, first_token_ms FROM runs WHERE first_token_ms IS NOT NULL
)
GROUP BY figure, kind, above
ORDER BY figure, kind, above;
