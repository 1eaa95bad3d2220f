-- The lines of one batch, each checked to be whole JSON of a known format. The moment tells which
-- of two records of a run is the later one: the clock's time, then the number in the spool file.
CREATE OR REPLACE TEMP TABLE staged AS
SELECT
    line->>'$.id' AS id,
    line->>'$.run' AS run_id,
    make_timestamp((line->>'$.at')::BIGINT) AS recorded_at,
    row(recorded_at, split_part(id, ':', 2)::BIGINT) AS moment,
    line->>'$.kind' AS kind,
    line->'$.data' AS data,
    line->'$.bodies' AS bodies
FROM (SELECT unnest($lines::JSON[]) AS line);
