SELECT x.schema_name, x.schema_version, x.outcome, x.answers, x.failed_fields, x.source,
    b.body AS record
FROM extractions x
LEFT JOIN bodies b ON b.digest = x.record_digest
WHERE x.run_id = $id
ORDER BY x.recorded_at, split_part(x.record_id, ':', 2)::BIGINT;
