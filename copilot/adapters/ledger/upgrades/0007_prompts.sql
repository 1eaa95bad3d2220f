-- Each prompt that a run rendered. Its body is kept by its own digest, to be rendered again.

CREATE TABLE prompts (
    record_id VARCHAR PRIMARY KEY,
    run_id VARCHAR NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    prompt_id VARCHAR NOT NULL,
    version VARCHAR NOT NULL,
    digest VARCHAR NOT NULL
);

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
UNION ALL SELECT run_id, reason_digest, 'eval reason' FROM eval_scores
UNION ALL SELECT run_id, text_digest, 'turn before' FROM asked_turns
UNION ALL SELECT run_id, digest, 'prompt' FROM prompts;
