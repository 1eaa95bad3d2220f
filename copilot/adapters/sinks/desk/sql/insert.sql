INSERT INTO {table} ({columns})
VALUES (? || nextval('{sequence}'), {marks})
RETURNING id
