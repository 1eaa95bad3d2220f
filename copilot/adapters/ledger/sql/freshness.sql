-- How long new content waited until it was answerable, over the index runs that began in a period.
-- Parameters: since, until (NULL: any), within, in seconds.
SELECT count(*), quantile_cont(a.lag_s, 0.5), quantile_cont(a.lag_s, 0.95),
    count(*) FILTER (a.lag_s <= $within)
FROM v_arrivals a JOIN runs r ON r.id = a.run_id
WHERE ($since IS NULL OR r.started_at >= make_timestamp($since))
    AND ($until IS NULL OR r.started_at < make_timestamp($until));
