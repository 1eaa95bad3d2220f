-- Since when new content waited to be answerable, and which sources each sync read to their end:
-- freshness is the time from a document's change to its being answerable, and the age of the
-- last sync, which says how long nobody looked, is not. Sources are named without their paths.

ALTER TABLE syncs ADD COLUMN whole BOOLEAN DEFAULT true;

CREATE TABLE synced_sources (
    record_id VARCHAR NOT NULL,
    n INTEGER NOT NULL,
    run_id VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    PRIMARY KEY (record_id, n)
);

CREATE TABLE arrivals (
    record_id VARCHAR PRIMARY KEY,
    run_id VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    changed_at TIMESTAMP NOT NULL,
    answerable_at TIMESTAMP NOT NULL
);

CREATE OR REPLACE VIEW v_syncs AS
SELECT run_id, recorded_at, added, updated, removed, unchanged, skipped, failed, passages,
    index_version, latency_ms, coalesce(whole, true) AS whole
FROM syncs;
COMMENT ON VIEW v_syncs IS 'One row for each time that the index was brought up to date.';
COMMENT ON COLUMN v_syncs.run_id IS 'The run.';
COMMENT ON COLUMN v_syncs.recorded_at IS 'When it ended, UTC.';
COMMENT ON COLUMN v_syncs.added IS 'Documents added.';
COMMENT ON COLUMN v_syncs.updated IS 'Documents updated.';
COMMENT ON COLUMN v_syncs.removed IS 'Documents removed.';
COMMENT ON COLUMN v_syncs.unchanged IS 'Documents left as they were.';
COMMENT ON COLUMN v_syncs.skipped IS 'Documents passed over.';
COMMENT ON COLUMN v_syncs.failed IS 'Documents that could not be read.';
COMMENT ON COLUMN v_syncs.passages IS 'Passages in the index after it.';
COMMENT ON COLUMN v_syncs.index_version IS 'The version of the index after it.';
COMMENT ON COLUMN v_syncs.latency_ms IS 'How long it took, milliseconds.';
COMMENT ON COLUMN v_syncs.whole IS
    'Whether every source of the index could be reached and was read to its end.';

-- A file may come to light with a time of long ago, copied or unpacked: it wasn't there when its
-- source was synced before, and counts from then. What a source's first sync brings doesn't count.
CREATE VIEW v_arrivals AS
SELECT a.run_id, a.source, a.changed_at, earlier.started_at AS synced_at, a.answerable_at,
    greatest(epoch_us(a.answerable_at) - epoch_us(greatest(a.changed_at, synced_at)), 0) / 1e6
        AS lag_s
FROM (
    SELECT arrivals.*, runs.started_at
    FROM arrivals JOIN runs ON runs.id = arrivals.run_id
) a
ASOF JOIN (
    SELECT s.source, runs.started_at
    FROM synced_sources s JOIN runs ON runs.id = s.run_id
) earlier
ON a.source = earlier.source AND a.started_at > earlier.started_at;
COMMENT ON VIEW v_arrivals IS
    'One row for each document whose new content became answerable after its source''s first sync.';
COMMENT ON COLUMN v_arrivals.run_id IS 'The run that indexed it.';
COMMENT ON COLUMN v_arrivals.source IS 'Tells its source from others, without naming it.';
COMMENT ON COLUMN v_arrivals.changed_at IS 'When its file was changed, UTC.';
COMMENT ON COLUMN v_arrivals.synced_at IS 'When its source was synced before, UTC.';
COMMENT ON COLUMN v_arrivals.answerable_at IS 'When it was committed to the index, UTC.';
COMMENT ON COLUMN v_arrivals.lag_s IS
    'Seconds from its change, or the sync before if that is later, until it was answerable.';
