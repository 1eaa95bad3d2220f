-- Records that an older copilot put by because it didn't know their kind, and this one knows:
-- staged as if they had just been read. Their texts are among the bodies since then.
CREATE OR REPLACE TEMP TABLE staged AS
SELECT record_id AS id, run_id, recorded_at, kind, data
FROM other_records
WHERE kind IN (SELECT kind FROM record_kinds);

SELECT count(*) FROM staged;
