-- One row a run, newest first. Parameters: since, until, status, kind, model, route, prompt and rating
-- (NULL: any), text (words that all stand in the question, or the beginning of the id; NULL: any),
-- rated (only those that somebody has rated), after_us and after_id (only what comes after that run in the list; NULL: from
-- the newest), n.
WITH chosen AS (
    SELECT *
    FROM runs
    WHERE ($since IS NULL OR started_at >= make_timestamp($since))
        AND ($until IS NULL OR started_at < make_timestamp($until))
        AND ($status IS NULL OR status = $status)
        AND ($kind IS NULL OR kind = $kind)
        AND ($model IS NULL OR model = $model)
        AND ($route IS NULL OR route = $route)
        AND ($prompt IS NULL OR coalesce(prompt_id || ' ' || prompt_version, '(none)') = $prompt)
        AND ($rating IS NULL OR CASE $rating WHEN 'good' THEN good > 0 ELSE bad > 0 END)
        AND ($text IS NULL OR starts_with(id, $text) OR question_digest IN (
            SELECT digest FROM bodies
            WHERE list_bool_and(list_transform(
                string_split(lower($text), ' '), lambda word: contains(lower(body), word)))))
        AND (NOT $rated OR id IN (SELECT run_id FROM feedback))
        AND ($after_us IS NULL OR started_at < make_timestamp($after_us)
            OR (started_at = make_timestamp($after_us) AND id < $after_id))
    ORDER BY started_at DESC, id DESC
    LIMIT $n
),
cited AS (
    SELECT run_id, count(*) AS citations
    FROM citations
    WHERE run_id IN (SELECT id FROM chosen)
    GROUP BY run_id
)
SELECT r.id, r.kind, r.status, epoch_us(r.started_at) AS started_us, b.body AS question,
    r.conversation, r.principal, r.release, r.model, r.latency_ms, r.first_token_ms,
    r.input_tokens, r.output_tokens, r.cost_microusd, coalesce(c.citations, 0) AS citations
FROM chosen r
LEFT JOIN bodies b ON b.digest = r.question_digest
LEFT JOIN cited c ON c.run_id = r.id
ORDER BY r.started_at DESC, r.id DESC;
