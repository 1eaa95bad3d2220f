-- The runs of an experiment, oldest first. Parameters: flag, unit (principal or conversation),
-- kind, since (NULL: any); of shadow runs each question is a unit. The columns are the fields of TriedRun.
SELECT f.variant,
    CASE
        WHEN r.kind = 'shadow' THEN coalesce(r.question_digest, r.id)
        WHEN $unit = 'conversation' THEN r.conversation
        ELSE r.principal
    END AS unit,
    r.status = 'answered' AND r.bad = 0 AS succeeded,
    r.status IN ('failed', 'degraded') AS failed,
    r.status = 'abstained' AS abstained,
    r.shown > 0 AS checked,
    r.shown > r.supported AS ungrounded,
    r.good, r.bad, r.cost_microusd, r.latency_ms
FROM flag_evaluations f JOIN runs r ON r.id = f.run_id
WHERE f.flag = $flag AND f.reason = 'split' AND r.kind = $kind AND r.status <> 'interrupted'
    AND ($since IS NULL OR r.started_at >= make_timestamp($since))
ORDER BY r.started_at, r.id, f.record_id;
