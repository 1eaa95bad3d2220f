SELECT f.rating, f.principal, f.tags, c.body AS comment, k.body AS correction
FROM feedback f
LEFT JOIN bodies c ON c.digest = f.comment_digest
LEFT JOIN bodies k ON k.digest = f.correction_digest
WHERE f.run_id = $id
ORDER BY f.recorded_at, split_part(f.record_id, ':', 2)::BIGINT;
