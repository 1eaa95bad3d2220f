-- Budgets in tokens, beside those in money.

ALTER TABLE budget_changes ADD COLUMN amount_tokens BIGINT DEFAULT 0;
ALTER TABLE budget_changes ADD COLUMN spent_tokens BIGINT DEFAULT 0;
ALTER TABLE budget_changes ADD COLUMN limit_tokens BIGINT;

CREATE OR REPLACE VIEW v_budget AS
SELECT run_id, recorded_at, budget, period, change, amount_microusd,
    amount_microusd / 1e6 AS amount_usd, spent_microusd, spent_microusd / 1e6 AS spent_usd,
    limit_microusd, limit_microusd / 1e6 AS limit_usd,
    (limit_microusd - spent_microusd) / 1e6 AS left_usd,
    amount_tokens, spent_tokens, limit_tokens, limit_tokens - spent_tokens AS left_tokens
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
COMMENT ON COLUMN v_budget.amount_tokens IS 'What this changed, in tokens.';
COMMENT ON COLUMN v_budget.spent_tokens IS 'Tokens spent after it, reservations included.';
COMMENT ON COLUMN v_budget.limit_tokens IS 'The limit in tokens; NULL when there is none.';
COMMENT ON COLUMN v_budget.left_tokens IS 'Tokens that are left; NULL without a limit.';
