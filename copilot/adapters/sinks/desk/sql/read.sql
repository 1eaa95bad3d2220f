SELECT to_json(e)::VARCHAR FROM {table} AS e WHERE e.id = ?
