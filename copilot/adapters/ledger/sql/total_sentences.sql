SELECT support, action, count(*) FROM verdicts GROUP BY support, action ORDER BY support, action;
