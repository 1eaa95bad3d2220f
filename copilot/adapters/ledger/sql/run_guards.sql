SELECT g.guard, g.stage, g.verdict, g.rule, g.subject, g.findings, g.score, b.body AS reason
FROM guard_checks g
LEFT JOIN bodies b ON b.digest = g.reason_digest
WHERE g.run_id = $id
ORDER BY split_part(g.record_id, ':', 1), split_part(g.record_id, ':', 2)::BIGINT;
