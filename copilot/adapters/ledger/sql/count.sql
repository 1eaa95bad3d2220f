-- What the runs that aren't counted add to the figures; run inside one transaction. Records are
-- never fewer than before, so a figure without records is as it was.
CREATE OR REPLACE TEMP TABLE counting AS SELECT id, hits_record FROM runs WHERE NOT counted;

UPDATE runs SET citations = f.citations, cites_top3 = f.cites_top3
FROM (
    SELECT c.run_id AS id, count(*) AS citations,
        bool_or((counting.hits_record, c.passage_id) IN (
            SELECT (record_id, passage_id) FROM hits
            WHERE rank <= 3 AND run_id IN (SELECT id FROM counting)
        )) AS cites_top3
    FROM citations c JOIN counting ON counting.id = c.run_id
    GROUP BY c.run_id
) f
WHERE runs.id = f.id;

UPDATE runs SET dropped = f.dropped, shown = f.shown, supported = f.supported
FROM (
    SELECT run_id AS id,
        count(*) FILTER (action = 'dropped') AS dropped,
        count(*) FILTER (action = 'shown') AS shown,
        count(*) FILTER (action = 'shown' AND support IN ('verbatim', 'supported')) AS supported
    FROM verdicts WHERE run_id IN (SELECT id FROM counting)
    GROUP BY run_id
) f
WHERE runs.id = f.id;

UPDATE runs SET calls = f.calls, failed_calls = f.failed, saved_tokens = f.saved
FROM (
    SELECT run_id AS id, count(*) AS calls, count(*) FILTER (outcome = 'failed') AS failed,
        sum(saved_tokens) AS saved
    FROM attempts WHERE run_id IN (SELECT id FROM counting)
    GROUP BY run_id
) f
WHERE runs.id = f.id;

-- Of several ratings of a run by one person the last one counts.
UPDATE runs SET good = f.good, bad = f.bad, leaking = f.leaking
FROM (
    SELECT id, count(*) FILTER (rating = 'good') AS good, count(*) FILTER (rating = 'bad') AS bad,
        bool_or(leaking) AS leaking
    FROM (
        SELECT run_id AS id, arg_max(rating, (recorded_at, record_id)) AS rating,
            bool_or(list_contains(tags, 'leak')) AS leaking
        FROM feedback WHERE run_id IN (SELECT id FROM counting)
        GROUP BY run_id, principal
    )
    GROUP BY id
) f
WHERE runs.id = f.id;

UPDATE runs SET guarded = true, violating = f.violating
FROM (
    SELECT run_id AS id,
        bool_or(stage IN ('egress', 'output', 'tool') AND verdict IN ('flagged', 'blocked'))
            AS violating
    FROM guard_checks WHERE run_id IN (SELECT id FROM counting)
    GROUP BY run_id
) f
WHERE runs.id = f.id;

UPDATE runs SET tool_calls = f.calls, failed_tool_calls = f.failed
FROM (
    SELECT run_id AS id, count(*) AS calls, count(*) FILTER (outcome <> 'ok') AS failed
    FROM tool_calls WHERE run_id IN (SELECT id FROM counting)
    GROUP BY run_id
) f
WHERE runs.id = f.id;

UPDATE runs SET
    extractions = f.extractions, valid_at_first = f.at_first, valid_at_last = f.at_last
FROM (
    SELECT run_id AS id, count(*) AS extractions,
        count(*) FILTER (outcome = 'valid') AS at_first,
        count(*) FILTER (outcome IN ('valid', 'repaired')) AS at_last
    FROM extractions WHERE run_id IN (SELECT id FROM counting)
    GROUP BY run_id
) f
WHERE runs.id = f.id;

-- The provider's own cache makes an answer cheaper; it answers nothing itself.
UPDATE runs SET
    cache_asked = f.asked,
    cache_hit = f.hit,
    cache_checked = f.checked,
    cache_wrong = f.wrong,
    cache_saved_microusd = f.saved
FROM (
    SELECT run_id AS id,
        bool_or(tier <> 'provider' AND outcome IN ('hit', 'miss', 'rejected')) AS asked,
        bool_or(tier <> 'provider' AND outcome = 'hit') AS hit,
        count(*) FILTER (checked <> '') AS checked,
        count(*) FILTER (checked = 'wrong') AS wrong,
        sum(saved_microusd)::BIGINT AS saved
    FROM cache_uses WHERE run_id IN (SELECT id FROM counting)
    GROUP BY run_id
) f
WHERE runs.id = f.id;

UPDATE runs SET counted = true FROM counting WHERE runs.id = counting.id;
