DELETE FROM comments WHERE entry = ?
