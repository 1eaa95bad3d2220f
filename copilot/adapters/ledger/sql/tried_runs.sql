-- The runs of an experiment, oldest first. Parameters: flag, unit (principal or conversation),
-- kind, since (NULL: any); of shadow runs each question is a unit. The columns are the fields of TriedRun.
SELECT f.variant,
    CASE
        WHEN r.kind = 'shadow' THEN coalesce(r.question_digest, r.id)
        WHEN $unit = 'conversation' AND r.kind <> 'extract' THEN r.conversation
        ELSE r.principal
    END AS unit,
    r.status = 'answered' AND r.bad = 0 AND coalesce(x.invalid, 0) = 0 AS succeeded,
    r.status IN ('failed', 'degraded') AS failed,
    r.status = 'abstained' AS abstained,
    r.shown > 0 AS checked,
    r.shown > r.supported AS ungrounded,
    r.good, r.bad, r.cost_microusd, r.latency_ms,
    coalesce(x.records, 0) AS records, coalesce(x.first, 0) AS first,
    coalesce(d.decided, 0) AS decided, coalesce(d.approved, 0) AS approved,
    coalesce(d.edited, 0) AS edited, coalesce(d.rejected, 0) AS rejected
FROM flag_evaluations f JOIN runs r ON r.id = f.run_id
LEFT JOIN (
    SELECT run_id, count(*) AS records, count_if(outcome = 'valid') AS first,
        count_if(outcome = 'invalid') AS invalid
    FROM extractions GROUP BY run_id
) x ON x.run_id = r.id
LEFT JOIN (
    SELECT run_id, count(*) AS decided, count_if(decision = 'approved') AS approved,
        count_if(decision = 'edited') AS edited, count_if(decision = 'rejected') AS rejected
    FROM approvals WHERE decided_by = 'person' GROUP BY run_id
) d ON d.run_id = r.id
WHERE f.flag = $flag AND f.reason = 'split' AND r.kind = $kind AND r.status <> 'interrupted'
    AND NOT (r.kind = 'shadow' AND r.status = 'limited') -- it compares nothing
    AND ($since IS NULL OR r.started_at >= make_timestamp($since))
ORDER BY r.started_at, r.id, f.record_id;
