-- Ids that begin with a prefix: one that is the whole of it, then the newest. Five are named when
-- it is ambiguous, and a sixth tells that there are more.
SELECT id FROM runs WHERE starts_with(id, $prefix) ORDER BY id <> $prefix, id DESC LIMIT 6;
