SELECT model, outcome, error_type, count(*)
FROM attempts GROUP BY model, outcome, error_type ORDER BY model, outcome, error_type;
