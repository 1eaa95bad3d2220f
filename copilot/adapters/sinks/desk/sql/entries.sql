SELECT to_json(e)::VARCHAR
FROM {table} AS e
WHERE (? = '' OR e.kind = ?)
  AND (? = '' OR e.state = ?)
  AND list_bool_and(
      [true] || list_transform(
          ?::VARCHAR[], lambda word: contains(lower(concat_ws(' ', {columns})), word)
      )
  )
ORDER BY e.created_at DESC, e.id DESC
LIMIT ?
