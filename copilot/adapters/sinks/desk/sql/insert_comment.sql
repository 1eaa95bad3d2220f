INSERT INTO comments (id, entry, key, made_at, comment)
VALUES (? || nextval('comment_numbers'), ?, ?, ?, ?)
RETURNING id
