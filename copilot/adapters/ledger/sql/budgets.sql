-- Where the last change of each budget left it.
SELECT budget, period, spent_microusd, limit_microusd, spent_tokens, limit_tokens
FROM budget_changes
QUALIFY row_number() OVER (
    PARTITION BY budget
    ORDER BY recorded_at DESC, split_part(record_id, ':', 2)::BIGINT DESC, record_id DESC
) = 1
ORDER BY budget;
