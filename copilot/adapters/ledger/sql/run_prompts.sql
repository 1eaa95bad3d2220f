-- The prompts of the run, each once, in the order of their first use.
SELECT p.prompt_id, p.version, p.digest, any_value(b.body)
FROM prompts p LEFT JOIN bodies b ON b.digest = p.digest
WHERE p.run_id = $id
GROUP BY p.prompt_id, p.version, p.digest
ORDER BY min((p.recorded_at, split_part(p.record_id, ':', 2)::BIGINT));
