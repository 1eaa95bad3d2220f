SELECT body FROM bodies
UNION SELECT conversation FROM runs
UNION SELECT unnest(tags) FROM feedback;
