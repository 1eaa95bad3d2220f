SELECT id FROM runs ORDER BY started_at DESC, id DESC LIMIT 1;
