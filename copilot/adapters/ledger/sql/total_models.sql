SELECT model, sum(input_tokens)::BIGINT, sum(output_tokens)::BIGINT,
    coalesce(sum(cost_microusd), 0)::BIGINT, count(*) FILTER (cost_microusd IS NULL)
FROM attempts GROUP BY model ORDER BY model;
