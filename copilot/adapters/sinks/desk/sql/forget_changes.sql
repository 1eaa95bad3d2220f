DELETE FROM changes WHERE entry = ?
