-- From the staged lines of records that belong to no stream into their tables; run inside the
-- transaction of merge.sql, harmless when repeated.

INSERT INTO feedback BY NAME
SELECT id AS record_id, run_id, recorded_at,
    data->>'$.rating' AS rating, data->>'$.principal' AS principal,
    from_json(data->'$.tags', '["VARCHAR"]') AS tags,
    data->>'$.comment' AS comment_digest, data->>'$.correction' AS correction_digest
FROM staged WHERE kind = 'feedback_given'
ON CONFLICT DO NOTHING;

INSERT INTO guard_checks BY NAME
SELECT id AS record_id, run_id, recorded_at,
    data->>'$.guard' AS guard, data->>'$.stage' AS stage, data->>'$.verdict' AS verdict,
    data->>'$.rule' AS rule, data->>'$.subject' AS subject,
    (data->>'$.findings')::INTEGER AS findings, (data->>'$.score')::DOUBLE AS score,
    data->>'$.reason' AS reason_digest, (data->>'$.latency_ms')::DOUBLE AS latency_ms
FROM staged WHERE kind = 'guard_checked'
ON CONFLICT DO NOTHING;

INSERT INTO tool_calls BY NAME
SELECT id AS record_id, run_id, recorded_at,
    data->>'$.tool' AS tool, data->>'$.effect' AS effect, data->>'$.outcome' AS outcome,
    (data->>'$.tainted')::BOOLEAN AS tainted,
    data->>'$.arguments' AS arguments_digest, data->>'$.result' AS result_digest,
    data->>'$.error_type' AS error_type, data->>'$.error' AS error_digest,
    (data->>'$.latency_ms')::DOUBLE AS latency_ms
FROM staged WHERE kind = 'tool_called'
ON CONFLICT DO NOTHING;

INSERT INTO approvals BY NAME
SELECT id AS record_id, run_id, recorded_at,
    data->>'$.proposal' AS proposal, data->>'$.action' AS action,
    data->>'$.decision' AS decision, data->>'$.decided_by' AS decided_by,
    data->>'$.principal' AS principal, data->>'$.rule' AS rule,
    data->>'$.reason' AS reason_digest, (data->>'$.waited_ms')::DOUBLE AS waited_ms
FROM staged WHERE kind = 'approval_decided'
ON CONFLICT DO NOTHING;

INSERT INTO extractions BY NAME
SELECT id AS record_id, run_id, recorded_at,
    data->>'$.schema' AS schema_name, data->>'$.schema_version' AS schema_version,
    data->>'$.outcome' AS outcome, (data->>'$.answers')::INTEGER AS answers,
    from_json(data->'$.failed_fields', '["VARCHAR"]') AS failed_fields,
    data->>'$.source' AS source, data->>'$.record' AS record_digest,
    (data->>'$.latency_ms')::DOUBLE AS latency_ms
FROM staged WHERE kind = 'extraction_finished'
ON CONFLICT DO NOTHING;

INSERT INTO flag_evaluations BY NAME
SELECT id AS record_id, run_id, recorded_at,
    data->>'$.flag' AS flag, data->>'$.variant' AS variant, data->>'$.reason' AS reason,
    data->>'$.principal' AS principal
FROM staged WHERE kind = 'flag_evaluated'
ON CONFLICT DO NOTHING;

INSERT INTO cache_uses BY NAME
SELECT id AS record_id, run_id, recorded_at,
    data->>'$.tier' AS tier, data->>'$.outcome' AS outcome,
    data->>'$.source_run' AS source_run, (data->>'$.similarity')::DOUBLE AS similarity,
    data->>'$.checked' AS checked, (data->>'$.saved_microusd')::BIGINT AS saved_microusd,
    (data->>'$.saved_ms')::DOUBLE AS saved_ms
FROM staged WHERE kind = 'cache_used'
ON CONFLICT DO NOTHING;

INSERT INTO budget_changes BY NAME
SELECT id AS record_id, run_id, recorded_at,
    data->>'$.budget' AS budget, data->>'$.period' AS period, data->>'$.change' AS change,
    (data->>'$.amount_microusd')::BIGINT AS amount_microusd,
    (data->>'$.spent_microusd')::BIGINT AS spent_microusd,
    (data->>'$.limit_microusd')::BIGINT AS limit_microusd,
    coalesce((data->>'$.amount_tokens')::BIGINT, 0) AS amount_tokens,
    coalesce((data->>'$.spent_tokens')::BIGINT, 0) AS spent_tokens,
    (data->>'$.limit_tokens')::BIGINT AS limit_tokens
FROM staged WHERE kind = 'budget_changed'
ON CONFLICT DO NOTHING;

INSERT INTO eval_scores BY NAME
SELECT id AS record_id, run_id, recorded_at,
    data->>'$.evaluation' AS evaluation, data->>'$.suite' AS suite,
    data->>'$.case' AS case_name, data->>'$.scorer' AS scorer,
    data->>'$.outcome' AS outcome, (data->>'$.score')::DOUBLE AS score,
    (data->>'$.critical')::BOOLEAN AS critical, data->>'$.cluster' AS "cluster",
    data->>'$.release' AS release, data->>'$.reason' AS reason_digest
FROM staged WHERE kind = 'eval_scored'
ON CONFLICT DO NOTHING;

-- What came anew is to be counted (count.sql).
UPDATE runs SET counted = false
WHERE counted AND id IN (SELECT run_id FROM staged);
