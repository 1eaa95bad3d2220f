-- The lines of one batch, each checked to be whole JSON of a known format.
CREATE OR REPLACE TEMP TABLE staged AS
SELECT
    line->>'$.id' AS id,
    line->>'$.run' AS run_id,
    make_timestamp((line->>'$.at')::BIGINT) AS recorded_at,
    line->>'$.kind' AS kind,
    line->'$.data' AS data,
    line->'$.bodies' AS bodies
FROM (SELECT unnest($lines::JSON[]) AS line);
