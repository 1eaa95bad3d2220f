SELECT w.origin, m.body AS message, h.body AS hint
FROM warnings w
LEFT JOIN bodies m ON m.digest = w.message_digest
LEFT JOIN bodies h ON h.digest = w.hint_digest
WHERE w.run_id = $id
ORDER BY split_part(w.record_id, ':', 1), split_part(w.record_id, ':', 2)::BIGINT, w.n;
