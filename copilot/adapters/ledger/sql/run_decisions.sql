SELECT a.proposal, a.action, a.decision, a.decided_by, a.principal, a.rule, b.body AS reason
FROM approvals a
LEFT JOIN bodies b ON b.digest = a.reason_digest
WHERE a.run_id = $id
ORDER BY a.recorded_at, split_part(a.record_id, ':', 2)::BIGINT;
