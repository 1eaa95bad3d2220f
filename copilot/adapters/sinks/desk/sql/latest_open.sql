SELECT to_json(e)::VARCHAR
FROM {table} AS e
WHERE e.kind = ? AND e.state = 'open'
ORDER BY e.created_at DESC
LIMIT ?
