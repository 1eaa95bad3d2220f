SELECT run_id, prompt_id, version, epoch_us(recorded_at) AS rendered_us
FROM prompts
WHERE list_contains($ids::VARCHAR[], run_id)
ORDER BY run_id, split_part(record_id, ':', 1), split_part(record_id, ':', 2)::BIGINT;
