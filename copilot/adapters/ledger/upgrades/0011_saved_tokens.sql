-- What packing the evidence of a request saved.

ALTER TABLE attempts ADD COLUMN saved_tokens BIGINT DEFAULT 0;
ALTER TABLE runs ADD COLUMN saved_tokens BIGINT DEFAULT 0;

CREATE OR REPLACE VIEW v_attempts AS
SELECT a.run_id, a.recorded_at, row_number() OVER (
        PARTITION BY a.run_id ORDER BY a.recorded_at, split_part(a.record_id, ':', 2)::BIGINT
    ) AS attempt,
    coalesce(a.operation, 'chat') AS operation,
    a.model, a.outcome, a.error_type, e.body AS error, a.input_tokens, a.output_tokens,
    a.cost_microusd, a.cost_microusd / 1e6 AS cost_usd, coalesce(a.estimated, false) AS estimated,
    a.first_token_ms, a.latency_ms, coalesce(a.saved_tokens, 0) AS saved_tokens
FROM attempts a LEFT JOIN bodies e ON e.digest = a.error_digest;
COMMENT ON VIEW v_attempts IS 'One row for each request to a model, also the failed ones.';
COMMENT ON COLUMN v_attempts.run_id IS 'The run.';
COMMENT ON COLUMN v_attempts.recorded_at IS 'When it ended, UTC.';
COMMENT ON COLUMN v_attempts.attempt IS 'Its place in the run, from 1.';
COMMENT ON COLUMN v_attempts.operation IS 'What it asked for: chat or embeddings.';
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
COMMENT ON COLUMN v_attempts.saved_tokens IS
    'About how many tokens more its passages would have been, given whole.';
