SELECT id, {columns}
FROM {table}
WHERE kind = ? AND state = 'open'
ORDER BY created_at DESC
LIMIT ?
