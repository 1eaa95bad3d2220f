-- What happens outside the stream of an answer: a table a kind. run_id is empty for what belongs
-- to no run, and may name a run that isn't merged yet.

ALTER TABLE runs ADD COLUMN route VARCHAR DEFAULT '';
ALTER TABLE attempts ADD COLUMN estimated BOOLEAN DEFAULT false;

CREATE TABLE feedback (
    record_id VARCHAR PRIMARY KEY,
    run_id VARCHAR NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    rating VARCHAR NOT NULL,
    principal VARCHAR NOT NULL,
    tags VARCHAR[] NOT NULL,
    comment_digest VARCHAR,
    correction_digest VARCHAR
);

CREATE TABLE guard_checks (
    record_id VARCHAR PRIMARY KEY,
    run_id VARCHAR NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    guard VARCHAR NOT NULL,
    stage VARCHAR NOT NULL,
    verdict VARCHAR NOT NULL,
    rule VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    findings INTEGER NOT NULL,
    score DOUBLE,
    reason_digest VARCHAR,
    latency_ms DOUBLE
);

CREATE TABLE tool_calls (
    record_id VARCHAR PRIMARY KEY,
    run_id VARCHAR NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    tool VARCHAR NOT NULL,
    effect VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    tainted BOOLEAN NOT NULL,
    arguments_digest VARCHAR,
    result_digest VARCHAR,
    error_type VARCHAR NOT NULL,
    error_digest VARCHAR,
    latency_ms DOUBLE
);

CREATE TABLE approvals (
    record_id VARCHAR PRIMARY KEY,
    run_id VARCHAR NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    proposal VARCHAR NOT NULL,
    action VARCHAR NOT NULL,
    decision VARCHAR NOT NULL,
    decided_by VARCHAR NOT NULL,
    principal VARCHAR NOT NULL,
    rule VARCHAR NOT NULL,
    reason_digest VARCHAR,
    waited_ms DOUBLE
);

CREATE TABLE extractions (
    record_id VARCHAR PRIMARY KEY,
    run_id VARCHAR NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    schema_name VARCHAR NOT NULL,
    schema_version VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    answers INTEGER NOT NULL,
    failed_fields VARCHAR[] NOT NULL,
    source VARCHAR NOT NULL,
    record_digest VARCHAR,
    latency_ms DOUBLE
);

CREATE TABLE flag_evaluations (
    record_id VARCHAR PRIMARY KEY,
    run_id VARCHAR NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    flag VARCHAR NOT NULL,
    variant VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    principal VARCHAR NOT NULL
);

CREATE TABLE cache_uses (
    record_id VARCHAR PRIMARY KEY,
    run_id VARCHAR NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    tier VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    source_run VARCHAR NOT NULL,
    similarity DOUBLE,
    checked VARCHAR NOT NULL,
    saved_microusd BIGINT NOT NULL,
    saved_ms DOUBLE
);

CREATE TABLE budget_changes (
    record_id VARCHAR PRIMARY KEY,
    run_id VARCHAR NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    budget VARCHAR NOT NULL,
    period VARCHAR NOT NULL,
    change VARCHAR NOT NULL,
    amount_microusd BIGINT NOT NULL,
    spent_microusd BIGINT NOT NULL,
    limit_microusd BIGINT
);

CREATE TABLE eval_scores (
    record_id VARCHAR PRIMARY KEY,
    run_id VARCHAR NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    evaluation VARCHAR NOT NULL,
    suite VARCHAR NOT NULL,
    case_name VARCHAR NOT NULL,
    scorer VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    score DOUBLE,
    critical BOOLEAN NOT NULL,
    "cluster" VARCHAR NOT NULL,
    release VARCHAR NOT NULL,
    reason_digest VARCHAR
);

-- The kinds of spool lines that make no run: what the merge of records.sql takes.
CREATE VIEW record_kinds AS
SELECT unnest([
    'feedback_given', 'guard_checked', 'tool_called', 'approval_decided', 'extraction_finished',
    'flag_evaluated', 'cache_used', 'budget_changed', 'eval_scored'
]) AS kind;

CREATE OR REPLACE VIEW body_uses AS
SELECT id AS run_id, question_digest AS digest, 'question' AS field FROM runs
UNION ALL SELECT id, answer_digest, 'answer' FROM runs
UNION ALL SELECT id, model_reason_digest, 'model reason' FROM runs
UNION ALL SELECT id, error_digest, 'error' FROM runs
UNION ALL SELECT run_id, query_digest, 'query' FROM queries
UNION ALL SELECT run_id, quote_digest, 'quote' FROM citations
UNION ALL SELECT run_id, sentence_digest, 'sentence' FROM verdicts
UNION ALL SELECT run_id, reason_digest, 'reason' FROM verdicts
UNION ALL SELECT run_id, error_digest, 'error' FROM attempts
UNION ALL SELECT run_id, message_digest, 'warning' FROM warnings
UNION ALL SELECT run_id, hint_digest, 'hint' FROM warnings
UNION ALL SELECT run_id, comment_digest, 'comment' FROM feedback
UNION ALL SELECT run_id, correction_digest, 'correction' FROM feedback
UNION ALL SELECT run_id, reason_digest, 'guard reason' FROM guard_checks
UNION ALL SELECT run_id, arguments_digest, 'tool arguments' FROM tool_calls
UNION ALL SELECT run_id, result_digest, 'tool result' FROM tool_calls
UNION ALL SELECT run_id, error_digest, 'tool error' FROM tool_calls
UNION ALL SELECT run_id, reason_digest, 'approval reason' FROM approvals
UNION ALL SELECT run_id, record_digest, 'record' FROM extractions
UNION ALL SELECT run_id, reason_digest, 'eval reason' FROM eval_scores;
