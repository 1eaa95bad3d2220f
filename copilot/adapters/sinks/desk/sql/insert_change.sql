INSERT INTO changes (number, entry, made_at, operation, changes)
VALUES (nextval('change_numbers'), ?, ?, ?, ?)
