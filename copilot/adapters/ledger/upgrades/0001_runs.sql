-- Everything about a run. Times are UTC, durations milliseconds, money whole micro-dollars.
-- record_id is the spool line that a row came from: merging a line twice changes nothing.

CREATE TABLE bodies (
    digest VARCHAR PRIMARY KEY,
    body VARCHAR NOT NULL,
    first_seen_at TIMESTAMP NOT NULL
);

CREATE TABLE runs (
    id VARCHAR PRIMARY KEY,
    kind VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    started_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP,
    question_digest VARCHAR,
    answer_digest VARCHAR,
    conversation VARCHAR NOT NULL,
    principal VARCHAR NOT NULL,
    release VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    model_reason_digest VARCHAR,
    prompt_id VARCHAR,
    prompt_version VARCHAR,
    prompt_digest VARCHAR,
    index_version BIGINT,
    follow_up BOOLEAN NOT NULL,
    retrieval_ms DOUBLE,
    latency_ms DOUBLE,
    first_token_ms DOUBLE,
    input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    cost_microusd BIGINT,
    error_type VARCHAR NOT NULL,
    error_digest VARCHAR
);

CREATE TABLE queries (
    record_id VARCHAR NOT NULL,
    n INTEGER NOT NULL,
    run_id VARCHAR NOT NULL,
    query_digest VARCHAR,
    PRIMARY KEY (record_id, n)
);

CREATE TABLE hits (
    record_id VARCHAR NOT NULL,
    rank INTEGER NOT NULL,
    run_id VARCHAR NOT NULL,
    passage_id VARCHAR NOT NULL,
    document_id VARCHAR NOT NULL,
    path VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    locator JSON NOT NULL,
    score DOUBLE,
    scores JSON NOT NULL,
    PRIMARY KEY (record_id, rank)
);

CREATE TABLE citations (
    record_id VARCHAR NOT NULL,
    n INTEGER NOT NULL,
    run_id VARCHAR NOT NULL,
    passage_id VARCHAR NOT NULL,
    document_id VARCHAR NOT NULL,
    path VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    locator JSON NOT NULL,
    quote_digest VARCHAR,
    quote_start BIGINT NOT NULL,
    quote_end BIGINT NOT NULL,
    PRIMARY KEY (record_id, n)
);

CREATE TABLE verdicts (
    record_id VARCHAR PRIMARY KEY,
    run_id VARCHAR NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    sentence_digest VARCHAR,
    support VARCHAR NOT NULL,
    reason_digest VARCHAR,
    action VARCHAR NOT NULL,
    citations INTEGER[] NOT NULL
);

CREATE TABLE attempts (
    record_id VARCHAR PRIMARY KEY,
    run_id VARCHAR NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    model VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    error_type VARCHAR NOT NULL,
    error_digest VARCHAR,
    input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    cost_microusd BIGINT,
    first_token_ms DOUBLE,
    latency_ms DOUBLE
);

CREATE TABLE warnings (
    record_id VARCHAR NOT NULL,
    n INTEGER NOT NULL,
    run_id VARCHAR NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    origin VARCHAR NOT NULL,
    message_digest VARCHAR,
    hint_digest VARCHAR,
    PRIMARY KEY (record_id, n)
);

CREATE TABLE syncs (
    record_id VARCHAR PRIMARY KEY,
    run_id VARCHAR NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    added BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    removed BIGINT NOT NULL,
    unchanged BIGINT NOT NULL,
    skipped BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    passages BIGINT NOT NULL,
    index_version BIGINT NOT NULL,
    latency_ms DOUBLE
);

-- Records of a kind that this version doesn't know, kept for the upgrade that does.
CREATE TABLE other_records (
    record_id VARCHAR PRIMARY KEY,
    run_id VARCHAR NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    kind VARCHAR NOT NULL,
    data JSON NOT NULL
);

-- Which run uses which text: what retention asks before it deletes a body.
CREATE VIEW body_uses AS
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
UNION ALL SELECT run_id, hint_digest, 'hint' FROM warnings;
