-- From the staged lines of events into the tables; run inside one transaction, harmless when
-- repeated. What belongs to no stream is in records.sql.

INSERT INTO bodies
SELECT entry.key, entry.value, recorded_at
FROM (
    SELECT recorded_at, unnest(map_entries(bodies::MAP(VARCHAR, VARCHAR))) AS entry
    FROM staged
    WHERE bodies <> '{}'
)
ON CONFLICT DO NOTHING;

-- A run's records may arrive in several batches and in any order; a run without its last
-- record has ended all the same, since its spool file was free. Of several searches in one run the
-- last one explains it: queries_record and hits_record name its records.
INSERT INTO runs BY NAME
SELECT
    run_id AS id,
    coalesce(max(data->>'$.kind') FILTER (kind = 'run_started'), '') AS kind,
    coalesce(
        max(data->>'$.status') FILTER (kind = 'run_finished'),
        max(data->>'$.status') FILTER (kind = 'run_stopped'),
        'interrupted'
    ) AS status,
    coalesce(
        make_timestamp((min(data->>'$.started_at') FILTER (kind = 'run_started'))::BIGINT),
        min(recorded_at)
    ) AS started_at,
    coalesce(
        min(recorded_at) FILTER (kind = 'run_finished'),
        min(recorded_at) FILTER (kind = 'run_stopped')
    ) AS finished_at,
    max(data->>'$.question') FILTER (kind = 'run_started') AS question_digest,
    max(data->>'$.answer') FILTER (kind = 'run_finished') AS answer_digest,
    coalesce(max(data->>'$.conversation') FILTER (kind = 'run_started'), '') AS conversation,
    coalesce(max(data->>'$.principal') FILTER (kind = 'run_started'), '') AS principal,
    coalesce(max(data->>'$.release') FILTER (kind = 'run_started'), '') AS release,
    coalesce(
        max(data->>'$.usage.model') FILTER (kind = 'run_finished'),
        max(data->>'$.model') FILTER (kind = 'usage_reported'),
        arg_max(data->>'$.model', moment) FILTER (kind = 'model_chosen' AND answers),
        ''
    ) AS model,
    arg_max_null(data->>'$.reason', moment) FILTER (kind = 'model_chosen' AND answers)
        AS model_reason_digest,
    coalesce(
        arg_max(data->>'$.route', moment) FILTER (kind = 'model_chosen' AND answers), ''
    ) AS route,
    arg_max(data->>'$.id', moment) FILTER (kind = 'prompt_rendered' AND answers) AS prompt_id,
    arg_max(data->>'$.version', moment) FILTER (kind = 'prompt_rendered' AND answers)
        AS prompt_version,
    arg_max(data->>'$.digest', moment) FILTER (kind = 'prompt_rendered' AND answers)
        AS prompt_digest,
    arg_max((data->>'$.index_version')::BIGINT, moment)
        FILTER (kind IN ('retrieval_finished', 'sync_finished')) AS index_version,
    arg_max(id, moment) FILTER (kind = 'query_rewritten') AS queries_record,
    coalesce(
        arg_max((data->>'$.follow_up')::BOOLEAN, moment) FILTER (kind = 'query_rewritten'), false
    ) AS follow_up,
    arg_max(id, moment) FILTER (kind = 'retrieval_finished') AS hits_record,
    arg_max_null((data->>'$.latency_ms')::DOUBLE, moment)
        FILTER (kind = 'retrieval_finished') AS retrieval_ms,
    coalesce(
        max((data->>'$.latency_ms')::DOUBLE) FILTER (kind = 'run_finished'),
        max((data->>'$.latency_ms')::DOUBLE) FILTER (kind = 'run_stopped')
    ) AS latency_ms,
    max((data->>'$.first_token_ms')::DOUBLE) FILTER (kind = 'run_finished') AS first_token_ms,
    coalesce(
        max((data->>'$.usage.input_tokens')::BIGINT) FILTER (kind = 'run_finished'),
        max((data->>'$.input_tokens')::BIGINT) FILTER (kind = 'usage_reported'),
        sum((data->>'$.usage.input_tokens')::BIGINT) FILTER (kind = 'model_attempt'),
        0
    )::BIGINT AS input_tokens,
    coalesce(
        max((data->>'$.usage.output_tokens')::BIGINT) FILTER (kind = 'run_finished'),
        max((data->>'$.output_tokens')::BIGINT) FILTER (kind = 'usage_reported'),
        sum((data->>'$.usage.output_tokens')::BIGINT) FILTER (kind = 'model_attempt'),
        0
    )::BIGINT AS output_tokens,
    CASE
        WHEN count(data->'$.usage') FILTER (kind = 'run_finished') > 0
            THEN max((data->>'$.usage.cost_microusd')::BIGINT) FILTER (kind = 'run_finished')
        WHEN count(*) FILTER (kind = 'usage_reported') > 0
            THEN max((data->>'$.cost_microusd')::BIGINT) FILTER (kind = 'usage_reported')
        WHEN count(*) FILTER (
            kind = 'model_attempt'
            AND (data->'$.usage') <> 'null' AND (data->'$.usage.cost_microusd') = 'null'
        ) > 0 THEN NULL
        ELSE coalesce(
            sum((data->>'$.usage.cost_microusd')::BIGINT) FILTER (kind = 'model_attempt'), 0
        )
    END::BIGINT AS cost_microusd,
    coalesce(max(data->>'$.error_type') FILTER (kind = 'run_stopped'), '') AS error_type,
    max(data->>'$.error') FILTER (kind = 'run_stopped') AS error_digest
FROM (
    -- ``answers``: not asked beside the answer, as routers and judges are; as in ``events``.
    SELECT *, CASE kind
        WHEN 'model_chosen' THEN coalesce(data->>'$.route', '')
            NOT IN ('router', 'rewrite', 'judge', 'summarise')
        WHEN 'prompt_rendered' THEN (data->>'$.id')
            NOT IN ('answering/route', 'answering/rewrite', 'answering/judge',
                'answering/summarise', 'answering/earlier')
        END AS answers
    FROM staged
)
-- A record that may come without its run, before or after it, makes no run.
WHERE run_id <> '' AND kind NOT IN (SELECT kind FROM record_kinds)
GROUP BY run_id
ON CONFLICT (id) DO UPDATE SET
    kind = CASE WHEN runs.kind = '' THEN excluded.kind ELSE runs.kind END,
    status = CASE WHEN runs.finished_at IS NULL THEN excluded.status ELSE runs.status END,
    started_at = least(runs.started_at, excluded.started_at),
    question_digest = coalesce(runs.question_digest, excluded.question_digest),
    answer_digest = coalesce(runs.answer_digest, excluded.answer_digest),
    conversation = CASE WHEN runs.conversation = '' THEN excluded.conversation
        ELSE runs.conversation END,
    principal = CASE WHEN runs.principal = '' THEN excluded.principal ELSE runs.principal END,
    release = CASE WHEN runs.release = '' THEN excluded.release ELSE runs.release END,
    model = CASE WHEN runs.finished_at IS NULL AND excluded.model <> '' THEN excluded.model
        ELSE runs.model END,
    model_reason_digest = coalesce(runs.model_reason_digest, excluded.model_reason_digest),
    route = CASE WHEN runs.route = '' THEN excluded.route ELSE runs.route END,
    prompt_id = coalesce(runs.prompt_id, excluded.prompt_id),
    prompt_version = coalesce(runs.prompt_version, excluded.prompt_version),
    prompt_digest = coalesce(runs.prompt_digest, excluded.prompt_digest),
    index_version = CASE WHEN runs.finished_at IS NULL
        THEN coalesce(excluded.index_version, runs.index_version)
        ELSE coalesce(runs.index_version, excluded.index_version) END,
    queries_record = CASE WHEN runs.finished_at IS NULL
        THEN coalesce(excluded.queries_record, runs.queries_record)
        ELSE coalesce(runs.queries_record, excluded.queries_record) END,
    follow_up = CASE WHEN excluded.queries_record IS NOT NULL
            AND (runs.finished_at IS NULL OR runs.queries_record IS NULL)
        THEN excluded.follow_up ELSE runs.follow_up END,
    hits_record = CASE WHEN runs.finished_at IS NULL
        THEN coalesce(excluded.hits_record, runs.hits_record)
        ELSE coalesce(runs.hits_record, excluded.hits_record) END,
    retrieval_ms = CASE WHEN excluded.hits_record IS NOT NULL
            AND (runs.finished_at IS NULL OR runs.hits_record IS NULL)
        THEN excluded.retrieval_ms ELSE runs.retrieval_ms END,
    latency_ms = coalesce(runs.latency_ms, excluded.latency_ms),
    first_token_ms = coalesce(runs.first_token_ms, excluded.first_token_ms),
    input_tokens = greatest(runs.input_tokens, excluded.input_tokens),
    output_tokens = greatest(runs.output_tokens, excluded.output_tokens),
    cost_microusd = CASE
        WHEN runs.finished_at IS NULL AND excluded.finished_at IS NOT NULL
            THEN excluded.cost_microusd
        ELSE runs.cost_microusd
    END,
    error_type = CASE WHEN runs.error_type = '' THEN excluded.error_type
        ELSE runs.error_type END,
    error_digest = coalesce(runs.error_digest, excluded.error_digest),
    finished_at = coalesce(runs.finished_at, excluded.finished_at);

INSERT INTO queries
SELECT id, unnest(range(len(found))) + 1, run_id, unnest(found)
FROM (
    SELECT id, run_id, from_json(data->'$.queries', '["VARCHAR"]') AS found
    FROM staged WHERE kind = 'query_rewritten'
)
ON CONFLICT DO NOTHING;

INSERT INTO hits
SELECT id, hit.rank, run_id, hit.passage_id, hit.document_id, hit.path, hit.title,
    hit.locator, hit.score, hit.scores
FROM (
    SELECT id, run_id, unnest(from_json(data->'$.hits', '[{
        "rank": "INTEGER", "passage_id": "VARCHAR", "document_id": "VARCHAR",
        "path": "VARCHAR", "title": "VARCHAR", "locator": "JSON",
        "score": "DOUBLE", "scores": "JSON"}]')) AS hit
    FROM staged WHERE kind = 'retrieval_finished'
)
ON CONFLICT DO NOTHING;

INSERT INTO citations
SELECT id, c.n, run_id, c.passage_id, c.document_id, c.path, c.title, c.locator, c.quote,
    c.quote_start, c.quote_end
FROM (
    SELECT id, run_id, unnest(from_json(data->'$.citations', '[{
        "n": "INTEGER", "passage_id": "VARCHAR", "document_id": "VARCHAR",
        "path": "VARCHAR", "title": "VARCHAR", "locator": "JSON", "quote": "VARCHAR",
        "quote_start": "BIGINT", "quote_end": "BIGINT"}]')) AS c
    FROM staged WHERE kind = 'run_finished'
)
ON CONFLICT DO NOTHING;

INSERT INTO verdicts
SELECT id, run_id, recorded_at, data->>'$.sentence', data->>'$.support', data->>'$.reason',
    data->>'$.action', from_json(data->'$.citations', '["INTEGER"]')
FROM staged WHERE kind = 'citation_checked'
ON CONFLICT DO NOTHING;

INSERT INTO attempts BY NAME
SELECT id AS record_id, run_id, recorded_at, data->>'$.model' AS model,
    data->>'$.outcome' AS outcome, data->>'$.error_type' AS error_type,
    data->>'$.error' AS error_digest,
    coalesce((data->>'$.usage.input_tokens')::BIGINT, 0) AS input_tokens,
    coalesce((data->>'$.usage.output_tokens')::BIGINT, 0) AS output_tokens,
    CASE WHEN (data->'$.usage') = 'null' THEN 0
        ELSE (data->>'$.usage.cost_microusd')::BIGINT END AS cost_microusd,
    coalesce((data->>'$.usage.estimated')::BOOLEAN, false) AS estimated,
    coalesce((data->>'$.usage.saved_tokens')::BIGINT, 0) AS saved_tokens,
    (data->>'$.first_token_ms')::DOUBLE AS first_token_ms,
    (data->>'$.latency_ms')::DOUBLE AS latency_ms,
    coalesce(data->>'$.operation', 'chat') AS operation
FROM staged WHERE kind = 'model_attempt'
ON CONFLICT DO NOTHING;

INSERT INTO warnings
SELECT id, 0, run_id, recorded_at, 'run', data->>'$.message', data->>'$.hint'
FROM staged WHERE kind = 'warned'
UNION ALL
SELECT id, unnest(range(len(notes))) + 1, run_id, recorded_at, 'answer', unnest(notes), NULL
FROM (
    SELECT id, run_id, recorded_at, from_json(data->'$.notes', '["VARCHAR"]') AS notes
    FROM staged WHERE kind = 'run_finished'
)
ON CONFLICT DO NOTHING;

INSERT INTO syncs BY NAME
SELECT id AS record_id, run_id, recorded_at,
    (data->>'$.added')::BIGINT AS added, (data->>'$.updated')::BIGINT AS updated,
    (data->>'$.removed')::BIGINT AS removed, (data->>'$.unchanged')::BIGINT AS unchanged,
    (data->>'$.skipped')::BIGINT AS skipped, (data->>'$.failed')::BIGINT AS failed,
    (data->>'$.passages')::BIGINT AS passages, (data->>'$.index_version')::BIGINT AS index_version,
    (data->>'$.latency_ms')::DOUBLE AS latency_ms,
    coalesce((data->>'$.whole')::BOOLEAN, true) AS whole
FROM staged WHERE kind = 'sync_finished'
ON CONFLICT DO NOTHING;

INSERT INTO synced_sources
SELECT id, unnest(range(len(sources))) + 1, run_id, unnest(sources)
FROM (
    SELECT id, run_id, from_json(data->'$.sources', '["VARCHAR"]') AS sources
    FROM staged WHERE kind = 'sync_finished'
)
ON CONFLICT DO NOTHING;

INSERT INTO arrivals
SELECT id, run_id, data->>'$.source', make_timestamp((data->>'$.changed_at')::BIGINT),
    make_timestamp((data->>'$.answerable_at')::BIGINT)
FROM staged WHERE kind = 'document_indexed'
ON CONFLICT DO NOTHING;

INSERT INTO asked_with
SELECT id, run_id, recorded_at, data->'$.inputs' FROM staged WHERE kind = 'asked_with'
ON CONFLICT DO NOTHING;

INSERT INTO prompts
SELECT id, run_id, recorded_at, data->>'$.id', data->>'$.version', data->>'$.digest'
FROM staged WHERE kind = 'prompt_rendered'
ON CONFLICT DO NOTHING;

INSERT INTO asked_turns
SELECT id, unnest(range(len(turns))) + 1, run_id, unnest(turns).role, unnest(turns).text
FROM (
    SELECT id, run_id,
        from_json(data->'$.history', '[{"role": "VARCHAR", "text": "VARCHAR"}]') AS turns
    FROM staged WHERE kind = 'asked_with'
)
ON CONFLICT DO NOTHING;

INSERT INTO hit_fates
SELECT id, run_id, fate.passage_id, fate.kept, fate.reason
FROM (
    SELECT id, run_id, unnest(from_json(data->'$.fates', '[{
        "passage_id": "VARCHAR", "kept": "BOOLEAN", "reason": "VARCHAR"}]')) AS fate
    FROM staged WHERE kind = 'hits_weighed'
)
ON CONFLICT DO NOTHING;

INSERT INTO other_records
SELECT id, run_id, recorded_at, kind, data
FROM staged
WHERE kind NOT IN (
    'run_started', 'query_rewritten', 'retrieval_finished', 'prompt_rendered', 'model_chosen',
    'model_attempt', 'citation_checked', 'warned', 'usage_reported', 'run_finished',
    'run_stopped', 'sync_finished', 'asked_with', 'hits_weighed', 'document_indexed')
    AND kind NOT IN (SELECT kind FROM record_kinds)
ON CONFLICT DO NOTHING;
