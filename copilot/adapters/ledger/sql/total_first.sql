-- When the first of all that is counted was recorded; NULL when there is nothing.
SELECT epoch_us(least(
    (SELECT min(started_at) FROM runs),
    (SELECT min(recorded_at) FROM attempts),
    (SELECT min(recorded_at) FROM tool_calls)
));
