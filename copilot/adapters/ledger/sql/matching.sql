-- Ids that begin with a prefix; two are enough to know that it is ambiguous.
SELECT id FROM runs WHERE starts_with(id, $prefix) ORDER BY id DESC LIMIT 6;
