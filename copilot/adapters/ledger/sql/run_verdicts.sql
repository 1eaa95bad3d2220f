SELECT s.body AS sentence, v.support, r.body AS reason, v.action, v.citations
FROM verdicts v
LEFT JOIN bodies s ON s.digest = v.sentence_digest
LEFT JOIN bodies r ON r.digest = v.reason_digest
WHERE v.run_id = $id
ORDER BY split_part(v.record_id, ':', 1), split_part(v.record_id, ':', 2)::BIGINT;
