-- The views that a person may rely on: names and meanings stay when tables change. Texts are
-- joined, times UTC, durations milliseconds, money in whole micro-dollars and in dollars.
-- Each view and each column carries its description; `FROM duckdb_columns()` shows them.

CREATE VIEW v_runs AS
SELECT r.id AS run_id, r.kind, r.status, r.started_at, r.started_at::DATE AS day, r.finished_at,
    q.body AS question, a.body AS answer, r.conversation, r.principal, r.release,
    coalesce(r.route, '') AS route, r.model, m.body AS model_reason, r.prompt_id, r.prompt_version,
    r.prompt_digest, r.index_version, r.follow_up, r.retrieval_ms, r.first_token_ms, r.latency_ms,
    r.input_tokens, r.output_tokens, r.cost_microusd, r.cost_microusd / 1e6 AS cost_usd,
    r.error_type, e.body AS error
FROM runs r
LEFT JOIN bodies q ON q.digest = r.question_digest
LEFT JOIN bodies a ON a.digest = r.answer_digest
LEFT JOIN bodies m ON m.digest = r.model_reason_digest
LEFT JOIN bodies e ON e.digest = r.error_digest;
COMMENT ON VIEW v_runs IS 'One row a run: an ask, a search, an index run.';
COMMENT ON COLUMN v_runs.run_id IS 'A UUID that sorts by time.';
COMMENT ON COLUMN v_runs.kind IS 'ask, search or index.';
COMMENT ON COLUMN v_runs.status IS
    'answered, abstained, refused, degraded, failed, limited or interrupted.';
COMMENT ON COLUMN v_runs.started_at IS 'When it began, UTC.';
COMMENT ON COLUMN v_runs.day IS 'The day it began, UTC.';
COMMENT ON COLUMN v_runs.finished_at IS 'When it ended, UTC; NULL when it was interrupted.';
COMMENT ON COLUMN v_runs.question IS
    'What was asked; the paths of an index run. NULL when texts are not kept.';
COMMENT ON COLUMN v_runs.answer IS
    'What was shown. NULL when there is none, or texts are not kept.';
COMMENT ON COLUMN v_runs.conversation IS 'The conversation it belongs to, if any.';
COMMENT ON COLUMN v_runs.principal IS 'Who asked.';
COMMENT ON COLUMN v_runs.release IS 'The release that was in force.';
COMMENT ON COLUMN v_runs.route IS
    'The job a model was chosen for: answer, or quote when nothing was left to a model.';
COMMENT ON COLUMN v_runs.model IS 'The model that was paid; quoting without one.';
COMMENT ON COLUMN v_runs.model_reason IS 'Why that model.';
COMMENT ON COLUMN v_runs.prompt_id IS 'The last prompt that was sent.';
COMMENT ON COLUMN v_runs.prompt_version IS 'Its version.';
COMMENT ON COLUMN v_runs.prompt_digest IS 'SHA-256 of its text.';
COMMENT ON COLUMN v_runs.index_version IS 'The version of the index that was searched or made.';
COMMENT ON COLUMN v_runs.follow_up IS 'Whether the question was read as a follow-up.';
COMMENT ON COLUMN v_runs.retrieval_ms IS 'How long the last search took, milliseconds.';
COMMENT ON COLUMN v_runs.first_token_ms IS 'From the start to the first text shown, milliseconds.';
COMMENT ON COLUMN v_runs.latency_ms IS 'From the start to the end, milliseconds.';
COMMENT ON COLUMN v_runs.input_tokens IS 'Tokens read by models, over all attempts.';
COMMENT ON COLUMN v_runs.output_tokens IS 'Tokens written by models, over all attempts.';
COMMENT ON COLUMN v_runs.cost_microusd IS
    'What it cost, whole micro-dollars; NULL when a price is unknown.';
COMMENT ON COLUMN v_runs.cost_usd IS 'The same in dollars.';
COMMENT ON COLUMN v_runs.error_type IS 'The kind of error that stopped it, if one did.';
COMMENT ON COLUMN v_runs.error IS 'Its text.';

CREATE VIEW v_queries AS
SELECT q.run_id, q.n, b.body AS query, 
    coalesce(q.record_id = r.queries_record, false) AS last_search
FROM queries q JOIN runs r ON r.id = q.run_id
LEFT JOIN bodies b ON b.digest = q.query_digest;
COMMENT ON VIEW v_queries IS 'One row for each text that was searched for.';
COMMENT ON COLUMN v_queries.run_id IS 'The run.';
COMMENT ON COLUMN v_queries.n IS 'Its place among the queries of one search, from 1.';
COMMENT ON COLUMN v_queries.query IS 'The text that was embedded; NULL when texts are not kept.';
COMMENT ON COLUMN v_queries.last_search IS
    'Whether it belongs to the last search of the run, which explains its answer.';

CREATE VIEW v_attempts AS
SELECT a.run_id, a.recorded_at, row_number() OVER (
        PARTITION BY a.run_id ORDER BY a.recorded_at, split_part(a.record_id, ':', 2)::BIGINT
    ) AS attempt,
    a.model, a.outcome, a.error_type, e.body AS error, a.input_tokens, a.output_tokens,
    a.cost_microusd, a.cost_microusd / 1e6 AS cost_usd, coalesce(a.estimated, false) AS estimated,
    a.first_token_ms, a.latency_ms
FROM attempts a LEFT JOIN bodies e ON e.digest = a.error_digest;
COMMENT ON VIEW v_attempts IS 'One row for each request to a model, also the failed ones.';
COMMENT ON COLUMN v_attempts.run_id IS 'The run.';
COMMENT ON COLUMN v_attempts.recorded_at IS 'When it ended, UTC.';
COMMENT ON COLUMN v_attempts.attempt IS 'Its place in the run, from 1.';
COMMENT ON COLUMN v_attempts.model IS 'The model that was asked.';
COMMENT ON COLUMN v_attempts.outcome IS 'ok or failed.';
COMMENT ON COLUMN v_attempts.error_type IS 'The kind of error, if it failed.';
COMMENT ON COLUMN v_attempts.error IS 'The error''s text.';
COMMENT ON COLUMN v_attempts.input_tokens IS 'Tokens read.';
COMMENT ON COLUMN v_attempts.output_tokens IS 'Tokens written.';
COMMENT ON COLUMN v_attempts.cost_microusd IS
    'What it cost, whole micro-dollars; NULL when the price is unknown.';
COMMENT ON COLUMN v_attempts.cost_usd IS 'The same in dollars.';
COMMENT ON COLUMN v_attempts.estimated IS
    'Whether the tokens were counted from the text, since the provider sent no counts.';
COMMENT ON COLUMN v_attempts.first_token_ms IS 'From the request to its first token, milliseconds.';
COMMENT ON COLUMN v_attempts.latency_ms IS 'From the request to its end, milliseconds.';

CREATE VIEW v_hits AS
SELECT h.run_id, h.rank, h.passage_id, h.document_id, h.path, h.title, h.locator, h.score,
    (h.scores->>'$.dense')::DOUBLE AS dense, (h.scores->>'$.sentence')::DOUBLE AS sentence,
    (h.scores->>'$.lexical')::DOUBLE AS lexical, h.scores,
    coalesce(h.record_id = r.hits_record, false) AS last_search,
    (h.run_id, h.passage_id) IN (SELECT (run_id, passage_id) FROM citations) AS cited
FROM hits h JOIN runs r ON r.id = h.run_id;
COMMENT ON VIEW v_hits IS 'One row for each passage that a search found.';
COMMENT ON COLUMN v_hits.run_id IS 'The run.';
COMMENT ON COLUMN v_hits.rank IS 'From 1, the best.';
COMMENT ON COLUMN v_hits.passage_id IS 'The passage.';
COMMENT ON COLUMN v_hits.document_id IS 'The document it is from.';
COMMENT ON COLUMN v_hits.path IS 'The document''s path.';
COMMENT ON COLUMN v_hits.title IS 'The document''s title.';
COMMENT ON COLUMN v_hits.locator IS 'Where in the document it stands, JSON: kind, start, end.';
COMMENT ON COLUMN v_hits.score IS 'What it was ranked by.';
COMMENT ON COLUMN v_hits.dense IS 'Cosine of query and passage; NULL when it was not computed.';
COMMENT ON COLUMN v_hits.sentence IS 'Cosine of query and its nearest sentence.';
COMMENT ON COLUMN v_hits.lexical IS 'BM25.';
COMMENT ON COLUMN v_hits.scores IS 'All its scores, JSON.';
COMMENT ON COLUMN v_hits.last_search IS 'Whether the last search of the run found it.';
COMMENT ON COLUMN v_hits.cited IS 'Whether the run''s answer cites it.';

CREATE VIEW v_citations AS
SELECT c.run_id, c.n, c.passage_id, c.document_id, c.path, c.title, c.locator, q.body AS quote,
    c.quote_start, c.quote_end, h.rank
FROM citations c JOIN runs r ON r.id = c.run_id
LEFT JOIN hits h ON h.record_id = r.hits_record AND h.passage_id = c.passage_id
LEFT JOIN bodies q ON q.digest = c.quote_digest;
COMMENT ON VIEW v_citations IS 'One row for each citation of an answer, as it was shown.';
COMMENT ON COLUMN v_citations.run_id IS 'The run.';
COMMENT ON COLUMN v_citations.n IS 'The number it was shown with.';
COMMENT ON COLUMN v_citations.passage_id IS 'The passage cited.';
COMMENT ON COLUMN v_citations.document_id IS 'The document it is from.';
COMMENT ON COLUMN v_citations.path IS 'The document''s path.';
COMMENT ON COLUMN v_citations.title IS 'The document''s title.';
COMMENT ON COLUMN v_citations.locator IS 'Where in the document it stands, JSON: kind, start, end.';
COMMENT ON COLUMN v_citations.quote IS 'The words quoted; NULL when texts are not kept.';
COMMENT ON COLUMN v_citations.quote_start IS
    'Where the quote begins in the passage, in characters.';
COMMENT ON COLUMN v_citations.quote_end IS 'Where it ends.';
COMMENT ON COLUMN v_citations.rank IS
    'The rank of the passage in the last search; NULL when it was not found by it.';

CREATE VIEW v_verdicts AS
SELECT v.run_id, v.recorded_at, s.body AS sentence, v.support, b.body AS reason, v.action,
    v.citations
FROM verdicts v
LEFT JOIN bodies s ON s.digest = v.sentence_digest
LEFT JOIN bodies b ON b.digest = v.reason_digest;
COMMENT ON VIEW v_verdicts IS 'One row for each sentence that was checked against its sources.';
COMMENT ON COLUMN v_verdicts.run_id IS 'The run.';
COMMENT ON COLUMN v_verdicts.recorded_at IS 'When it was checked, UTC.';
COMMENT ON COLUMN v_verdicts.sentence IS 'The sentence; NULL when texts are not kept.';
COMMENT ON COLUMN v_verdicts.support IS 'verbatim, supported, unsupported or uncited.';
COMMENT ON COLUMN v_verdicts.reason IS 'Why.';
COMMENT ON COLUMN v_verdicts.action IS 'shown, dropped or regenerated.';
COMMENT ON COLUMN v_verdicts.citations IS 'The numbers it cites.';

CREATE VIEW v_feedback AS
SELECT f.run_id, f.recorded_at, f.principal, f.rating, f.tags, c.body AS comment,
    k.body AS correction,
    row_number() OVER (
        PARTITION BY f.run_id, f.principal ORDER BY f.recorded_at DESC, f.record_id DESC
    ) = 1 AS latest
FROM feedback f
LEFT JOIN bodies c ON c.digest = f.comment_digest
LEFT JOIN bodies k ON k.digest = f.correction_digest;
COMMENT ON VIEW v_feedback IS 'One row for each rating that a person gave.';
COMMENT ON COLUMN v_feedback.run_id IS 'The run that was rated.';
COMMENT ON COLUMN v_feedback.recorded_at IS 'When, UTC.';
COMMENT ON COLUMN v_feedback.principal IS 'Who rated it.';
COMMENT ON COLUMN v_feedback.rating IS 'good or bad.';
COMMENT ON COLUMN v_feedback.tags IS 'Short names that were given with it.';
COMMENT ON COLUMN v_feedback.comment IS
    'What was said; NULL when nothing was, or texts are not kept.';
COMMENT ON COLUMN v_feedback.correction IS 'The answer that should have been given, likewise.';
COMMENT ON COLUMN v_feedback.latest IS
    'Whether it is the last rating of its principal on this run: the one that counts.';

CREATE VIEW v_guard AS
SELECT g.run_id, g.recorded_at, g.guard, g.stage, g.verdict, g.rule, g.subject, g.findings,
    g.score, b.body AS reason, g.latency_ms
FROM guard_checks g LEFT JOIN bodies b ON b.digest = g.reason_digest;
COMMENT ON VIEW v_guard IS 'One row for each check of a guard.';
COMMENT ON COLUMN v_guard.run_id IS 'The run it belongs to; empty when it belongs to none.';
COMMENT ON COLUMN v_guard.recorded_at IS 'When it was recorded, UTC.';
COMMENT ON COLUMN v_guard.guard IS 'Which guard: redaction, injection, moderation, policy.';
COMMENT ON COLUMN v_guard.stage IS 'input, retrieved, egress, output, tool or log.';
COMMENT ON COLUMN v_guard.verdict IS 'passed, flagged, redacted or blocked.';
COMMENT ON COLUMN v_guard.rule IS 'The rule that decided.';
COMMENT ON COLUMN v_guard.subject IS 'What was checked, by name.';
COMMENT ON COLUMN v_guard.findings IS 'How much was found.';
COMMENT ON COLUMN v_guard.score IS 'The guard''s own score, if it has one.';
COMMENT ON COLUMN v_guard.reason IS 'Why; NULL when nothing was said, or texts are not kept.';
COMMENT ON COLUMN v_guard.latency_ms IS 'How long it took, milliseconds.';

CREATE VIEW v_tools AS
SELECT t.run_id, t.recorded_at, t.tool, t.effect, t.outcome, t.tainted, a.body AS arguments,
    o.body AS result, t.error_type, e.body AS error, t.latency_ms
FROM tool_calls t
LEFT JOIN bodies a ON a.digest = t.arguments_digest
LEFT JOIN bodies o ON o.digest = t.result_digest
LEFT JOIN bodies e ON e.digest = t.error_digest;
COMMENT ON VIEW v_tools IS 'One row for each call of a tool.';
COMMENT ON COLUMN v_tools.run_id IS 'The run it belongs to; empty when it belongs to none.';
COMMENT ON COLUMN v_tools.recorded_at IS 'When it was recorded, UTC.';
COMMENT ON COLUMN v_tools.tool IS 'The tool.';
COMMENT ON COLUMN v_tools.effect IS 'read, write or exec.';
COMMENT ON COLUMN v_tools.outcome IS 'ok, failed, timed_out or denied.';
COMMENT ON COLUMN v_tools.tainted IS 'Whether an argument derives from retrieved text.';
COMMENT ON COLUMN v_tools.arguments IS
    'What it was called with, JSON; NULL when texts are not kept.';
COMMENT ON COLUMN v_tools.result IS 'What it returned, JSON, likewise.';
COMMENT ON COLUMN v_tools.error_type IS 'The kind of error, if it failed.';
COMMENT ON COLUMN v_tools.error IS 'The error''s text.';
COMMENT ON COLUMN v_tools.latency_ms IS 'How long it took, milliseconds.';

CREATE VIEW v_approvals AS
SELECT a.run_id, a.recorded_at, a.proposal, a.action, a.decision, a.decided_by, a.principal,
    a.rule, b.body AS reason, a.waited_ms
FROM approvals a LEFT JOIN bodies b ON b.digest = a.reason_digest;
COMMENT ON VIEW v_approvals IS 'One row for each decision on a proposal.';
COMMENT ON COLUMN v_approvals.run_id IS 'The run it belongs to; empty when it belongs to none.';
COMMENT ON COLUMN v_approvals.recorded_at IS 'When it was recorded, UTC.';
COMMENT ON COLUMN v_approvals.proposal IS 'The proposal.';
COMMENT ON COLUMN v_approvals.action IS 'What it would do, by name.';
COMMENT ON COLUMN v_approvals.decision IS 'approved, edited or rejected.';
COMMENT ON COLUMN v_approvals.decided_by IS 'person or policy.';
COMMENT ON COLUMN v_approvals.principal IS 'The person, if one decided.';
COMMENT ON COLUMN v_approvals.rule IS 'The rule of the policy, if one decided.';
COMMENT ON COLUMN v_approvals.reason IS 'Why; NULL when nothing was said, or texts are not kept.';
COMMENT ON COLUMN v_approvals.waited_ms IS 'How long the proposal waited, milliseconds.';

CREATE VIEW v_extractions AS
SELECT x.run_id, x.recorded_at, x.schema_name, x.schema_version, x.outcome, x.answers,
    x.failed_fields, x.source, b.body AS record, x.latency_ms
FROM extractions x LEFT JOIN bodies b ON b.digest = x.record_digest;
COMMENT ON VIEW v_extractions IS 'One row for each input that a record was extracted from.';
COMMENT ON COLUMN v_extractions.run_id IS 'The run it belongs to; empty when it belongs to none.';
COMMENT ON COLUMN v_extractions.recorded_at IS 'When it was recorded, UTC.';
COMMENT ON COLUMN v_extractions.schema_name IS 'The schema.';
COMMENT ON COLUMN v_extractions.schema_version IS 'Its version.';
COMMENT ON COLUMN v_extractions.outcome IS
    'valid at the first answer, repaired after more, or invalid.';
COMMENT ON COLUMN v_extractions.answers IS 'How many answers of the model it took.';
COMMENT ON COLUMN v_extractions.failed_fields IS
    'The paths that did not validate, at first or at last.';
COMMENT ON COLUMN v_extractions.source IS 'Where the input is from, by name.';
COMMENT ON COLUMN v_extractions.record IS
    'The record that was returned, JSON; NULL when there is none, or texts are not kept.';
COMMENT ON COLUMN v_extractions.latency_ms IS 'How long it took, milliseconds.';

CREATE VIEW v_flags AS
SELECT run_id, recorded_at, flag, variant, reason, principal FROM flag_evaluations;
COMMENT ON VIEW v_flags IS 'One row for each flag that was asked for.';
COMMENT ON COLUMN v_flags.run_id IS 'The run it belongs to; empty when it belongs to none.';
COMMENT ON COLUMN v_flags.recorded_at IS 'When it was recorded, UTC.';
COMMENT ON COLUMN v_flags.flag IS 'The flag.';
COMMENT ON COLUMN v_flags.variant IS 'The variant that was in force.';
COMMENT ON COLUMN v_flags.reason IS 'static, default, targeting_match, split, disabled or error.';
COMMENT ON COLUMN v_flags.principal IS 'For whom.';

CREATE VIEW v_cache AS
SELECT run_id, recorded_at, tier, outcome, source_run, similarity, checked, saved_microusd,
    saved_microusd / 1e6 AS saved_usd, saved_ms
FROM cache_uses;
COMMENT ON VIEW v_cache IS 'One row for each look into the answer cache.';
COMMENT ON COLUMN v_cache.run_id IS 'The run it belongs to; empty when it belongs to none.';
COMMENT ON COLUMN v_cache.recorded_at IS 'When it was recorded, UTC.';
COMMENT ON COLUMN v_cache.tier IS 'exact, semantic or provider.';
COMMENT ON COLUMN v_cache.outcome IS 'hit, miss, stored, rejected or bypassed.';
COMMENT ON COLUMN v_cache.source_run IS 'The run whose answer was found.';
COMMENT ON COLUMN v_cache.similarity IS 'How near its question is, if that was computed.';
COMMENT ON COLUMN v_cache.checked IS
    'right or wrong when a fresh call was compared; wrong is a false hit.';
COMMENT ON COLUMN v_cache.saved_microusd IS 'What the hit saved, whole micro-dollars.';
COMMENT ON COLUMN v_cache.saved_usd IS 'The same in dollars.';
COMMENT ON COLUMN v_cache.saved_ms IS 'The time it saved, milliseconds.';

CREATE VIEW v_budget AS
SELECT run_id, recorded_at, budget, period, change, amount_microusd,
    amount_microusd / 1e6 AS amount_usd, spent_microusd, spent_microusd / 1e6 AS spent_usd,
    limit_microusd, limit_microusd / 1e6 AS limit_usd,
    (limit_microusd - spent_microusd) / 1e6 AS left_usd
FROM budget_changes;
COMMENT ON VIEW v_budget IS 'One row for each change of a budget.';
COMMENT ON COLUMN v_budget.run_id IS 'The run it belongs to; empty when it belongs to none.';
COMMENT ON COLUMN v_budget.recorded_at IS 'When it was recorded, UTC.';
COMMENT ON COLUMN v_budget.budget IS 'The budget.';
COMMENT ON COLUMN v_budget.period IS 'The period it is for, such as 2026-11.';
COMMENT ON COLUMN v_budget.change IS 'reserved, settled, released, expired, limited or refused.';
COMMENT ON COLUMN v_budget.amount_microusd IS 'What this changed, whole micro-dollars.';
COMMENT ON COLUMN v_budget.amount_usd IS 'The same in dollars.';
COMMENT ON COLUMN v_budget.spent_microusd IS 'What was spent after it, reservations included.';
COMMENT ON COLUMN v_budget.spent_usd IS 'The same in dollars.';
COMMENT ON COLUMN v_budget.limit_microusd IS 'The limit; NULL when there is none.';
COMMENT ON COLUMN v_budget.limit_usd IS 'The same in dollars.';
COMMENT ON COLUMN v_budget.left_usd IS 'What is left, in dollars; NULL without a limit.';

CREATE VIEW v_evals AS
SELECT e.run_id, e.recorded_at, e.evaluation, e.suite, e.case_name, e.scorer, e.outcome, e.score,
    e.critical, e."cluster" AS case_cluster, e.release, b.body AS reason
FROM eval_scores e LEFT JOIN bodies b ON b.digest = e.reason_digest;
COMMENT ON VIEW v_evals IS 'One row for each score of a case in an evaluation.';
COMMENT ON COLUMN v_evals.run_id IS 'The run it belongs to; empty when it belongs to none.';
COMMENT ON COLUMN v_evals.recorded_at IS 'When it was recorded, UTC.';
COMMENT ON COLUMN v_evals.evaluation IS 'The evaluation it is part of.';
COMMENT ON COLUMN v_evals.suite IS 'The suite.';
COMMENT ON COLUMN v_evals.case_name IS 'The case.';
COMMENT ON COLUMN v_evals.scorer IS 'The scorer.';
COMMENT ON COLUMN v_evals.outcome IS 'passed, failed or unscored.';
COMMENT ON COLUMN v_evals.score IS 'The score, if it has one.';
COMMENT ON COLUMN v_evals.critical IS 'Whether the case must never fail.';
COMMENT ON COLUMN v_evals.case_cluster IS 'Cases that share a source document.';
COMMENT ON COLUMN v_evals.release IS 'The release that was evaluated.';
COMMENT ON COLUMN v_evals.reason IS 'Why; NULL when nothing was said, or texts are not kept.';

CREATE VIEW v_syncs AS
SELECT run_id, recorded_at, added, updated, removed, unchanged, skipped, failed, passages,
    index_version, latency_ms
FROM syncs;
COMMENT ON VIEW v_syncs IS 'One row for each time that the index was brought up to date.';
COMMENT ON COLUMN v_syncs.run_id IS 'The run.';
COMMENT ON COLUMN v_syncs.recorded_at IS 'When it ended, UTC.';
COMMENT ON COLUMN v_syncs.added IS 'Documents added.';
COMMENT ON COLUMN v_syncs.updated IS 'Documents updated.';
COMMENT ON COLUMN v_syncs.removed IS 'Documents removed.';
COMMENT ON COLUMN v_syncs.unchanged IS 'Documents left as they were.';
COMMENT ON COLUMN v_syncs.skipped IS 'Documents passed over.';
COMMENT ON COLUMN v_syncs.failed IS 'Documents that could not be read.';
COMMENT ON COLUMN v_syncs.passages IS 'Passages written.';
COMMENT ON COLUMN v_syncs.index_version IS 'The version of the index after it.';
COMMENT ON COLUMN v_syncs.latency_ms IS 'How long it took, milliseconds.';

CREATE VIEW v_warnings AS
SELECT w.run_id, w.recorded_at, w.origin, m.body AS message, h.body AS hint
FROM warnings w
LEFT JOIN bodies m ON m.digest = w.message_digest
LEFT JOIN bodies h ON h.digest = w.hint_digest;
COMMENT ON VIEW v_warnings IS 'One row for each warning or note that was given.';
COMMENT ON COLUMN v_warnings.run_id IS 'The run.';
COMMENT ON COLUMN v_warnings.recorded_at IS 'When, UTC.';
COMMENT ON COLUMN v_warnings.origin IS 'run, or answer for a note below the answer.';
COMMENT ON COLUMN v_warnings.message IS 'What was said; NULL when texts are not kept.';
COMMENT ON COLUMN v_warnings.hint IS 'The remedy, if there is one.';
