SELECT id FROM comments WHERE key = ?
