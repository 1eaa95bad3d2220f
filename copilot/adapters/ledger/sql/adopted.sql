DELETE FROM other_records WHERE record_id IN (SELECT id FROM staged);
