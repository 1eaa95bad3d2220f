-- Which records tell the last search of a run: what it looked for, and what it found. A search
-- that found nothing leaves no hits, so they can't tell it themselves.

ALTER TABLE runs ADD COLUMN queries_record VARCHAR;
ALTER TABLE runs ADD COLUMN hits_record VARCHAR;

UPDATE runs SET
    queries_record = (
        SELECT arg_max(record_id, split_part(record_id, ':', 2)::BIGINT)
        FROM queries WHERE run_id = runs.id
    ),
    hits_record = (
        SELECT arg_max(record_id, split_part(record_id, ':', 2)::BIGINT)
        FROM hits WHERE run_id = runs.id
    );
