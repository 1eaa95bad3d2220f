SELECT epoch_us(made_at), operation, changes::VARCHAR, ''
FROM changes
WHERE entry = $entry
UNION ALL
SELECT epoch_us(made_at), 'comment', '{}', comment
FROM comments
WHERE entry = $entry
ORDER BY 1
