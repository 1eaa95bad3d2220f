"""``copilot stats`` over a million model calls, beside adding the same figures up from the records.

``python -m tests.bench.ledger_stats [--calls 1000000] [--folder KEEP]``. The ledger is made in SQL:
asks over 90 days, each with eight hits, three verdicts and two citations when it answers; one in
four has a request that failed before the one that was answered. The baseline joins citations, hits,
verdicts, attempts and ratings to their runs, as one would write it first; the ledger counts them
when it merges a run. Nothing is asserted on time; both ways must agree, or a figure would be void.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from copilot.adapters.ledger.database import DATABASE_FILE, opened
from copilot.adapters.ledger.reader import LedgerReader
from copilot.adapters.ledger.spool import SpoolRunWriter
from copilot.figures import StatsRow
from copilot.ledger.failures import cluster_failures
from copilot.ledger.queries import GROUPS
from copilot.runs import RunFilter
from copilot.testing.run_events import written_run
from tests.corpora import REPOSITORY

DAYS = 90
MADE = """
CREATE TEMP TABLE made AS
SELECT i, h, '019a' || lower(lpad(to_hex(i), 8, '0')) || '-7000-8000-' || left(md5(i::VARCHAR), 12)
        AS id,
    now()::TIMESTAMP - INTERVAL 1 SECOND * (($runs - i) * ($days * 86400 / $runs)) AS moment,
    ['openai/gpt-5-mini', 'openai/gpt-5', 'anthropic/claude-haiku', 'ollama/llama'][1 + h // 8 % 4]
        AS model
FROM (SELECT i, (hash(i) >> 8)::BIGINT AS h FROM range($runs) t(i));
"""
FILLED = (
    """
INSERT INTO runs BY NAME
SELECT id, 'ask' AS kind,
    CASE WHEN h % 100 < 80 THEN 'answered' WHEN h % 100 < 88 THEN 'abstained'
        WHEN h % 100 < 95 THEN 'degraded' WHEN h % 100 < 98 THEN 'failed' ELSE 'interrupted' END
        AS status,
    moment AS started_at, moment AS finished_at, md5('q' || i) AS question_digest,
    md5('a' || i) AS answer_digest, 'morning' AS conversation, 'local' AS principal,
    'r1' AS release, model, 'answer' AS route, 'answer' AS prompt_id,
    (h // 64 % 5)::VARCHAR AS prompt_version, 'd' AS prompt_digest, 7 AS index_version,
    false AS follow_up, id || ':3' AS hits_record, 12.0 + h % 50 AS retrieval_ms,
    300 + h % 5000 AS latency_ms, 100 + h % 900 AS first_token_ms,
    900 + h % 1000 AS input_tokens, 40 + h % 100 AS output_tokens,
    CASE WHEN h % 50 = 1 THEN NULL ELSE 1000 + h % 500 END AS cost_microusd,
    CASE WHEN h % 100 BETWEEN 95 AND 97 THEN 'KnowledgeIndexError' ELSE '' END AS error_type
FROM made;
""",
    """
INSERT INTO attempts BY NAME
SELECT id || ':' || (5 + k) AS record_id, id AS run_id, moment AS recorded_at, model,
    CASE WHEN k = 0 AND i % 4 = 0 THEN 'failed' ELSE 'ok' END AS outcome,
    CASE WHEN k = 0 AND i % 4 = 0 THEN 'ModelTimeoutError' ELSE '' END AS error_type,
    CASE WHEN k = 0 AND i % 4 = 0 THEN md5('e' || h % 20000) END AS error_digest,
    900 AS input_tokens, 40 AS output_tokens, 1000 + h % 500 AS cost_microusd,
    200 AS first_token_ms, 900 AS latency_ms
FROM made, range(2) r(k)
WHERE k = 0 OR i % 4 = 0;
""",
    """
INSERT INTO bodies
SELECT md5('e' || n), 'ModelTimeoutError: no answer in ' || n || ' ms', now()::TIMESTAMP
FROM range(20000) r(n);
""",
    """
INSERT INTO citations
SELECT id || ':12', n, id, md5((h % 5000 + n)::VARCHAR), md5('d' || (h % 5000 + n)),
    '/handbook/runbook.md', 'Runbook', '{"kind": "lines", "start": 1, "end": 3}', md5('q' || n),
    0, 20
FROM made, range(1, 3) r(n)
WHERE h % 100 < 80;
""",
    """
INSERT INTO hits BY NAME
SELECT id || ':3' AS record_id, rank, id AS run_id,
    md5((h % 5000 + rank * (1 + h % 3))::VARCHAR) AS passage_id, md5('d' || rank) AS document_id,
    '/handbook/runbook.md' AS path, 'Runbook' AS title,
    '{"kind": "lines", "start": 1, "end": 3}' AS locator, 1.0 / rank AS score,
    '{"fused": 1.0, "dense": 0.4, "lexical": 7}' AS scores
FROM made, range(1, 9) r(rank);
""",
    """
INSERT INTO verdicts
SELECT id || ':' || (7 + k), id, moment, md5('s' || (h + k)),
    ['supported', 'verbatim', 'unsupported'][1 + (h // 16 + k) % 3], NULL,
    CASE WHEN (h // 16 + k) % 3 = 2 AND h % 40 > 0 THEN 'dropped' ELSE 'shown' END, [1]
FROM made, range(3) r(k);
""",
    """
INSERT INTO feedback BY NAME
SELECT id || ':90' AS record_id, id AS run_id, moment AS recorded_at,
    CASE WHEN h % 3 = 0 THEN 'bad' ELSE 'good' END AS rating, 'ann' AS principal, [] AS tags
FROM made WHERE h % 25 = 0;
""",
    """
INSERT INTO runs BY NAME
SELECT 'sync-' || i AS id, 'index' AS kind, 'answered' AS status,
    now()::TIMESTAMP - INTERVAL 1 HOUR * i AS started_at, '' AS conversation, '' AS principal,
    '' AS release, '' AS model, false AS follow_up, 0 AS input_tokens, 0 AS output_tokens,
    0 AS cost_microusd, '' AS error_type
FROM range(24 * $days) t(i);
""",
    """
INSERT INTO synced_sources SELECT 'sync-' || i || ':1', 1, 'sync-' || i, 'notes'
FROM range(24 * $days) t(i);
""",
    """
INSERT INTO arrivals
SELECT 'sync-' || i || ':1:' || n, 'sync-' || i, 'notes',
    now()::TIMESTAMP - INTERVAL 1 HOUR * (i + 1), now()::TIMESTAMP - INTERVAL 1 HOUR * i
FROM range(24 * $days) t(i), range(50) r(n);
""",
    """
INSERT INTO syncs
SELECT 'sync-' || i || ':1', 'sync-' || i, now()::TIMESTAMP, 0, 9, 0, 9, 0, 0, 9, 7, 60000.0, true
FROM range(24 * $days) t(i);
""",
)
ADDED_UP = """
SELECT r.model, count(*), count(*) FILTER (r.status = 'answered' AND coalesce(f.bad, 0) = 0),
    sum(r.cost_microusd)::BIGINT, quantile_cont(r.latency_ms, [0.5, 0.95]),
    quantile_cont(r.first_token_ms, [0.5, 0.95]), count(c.run_id), count(*) FILTER (c.top3),
    sum(c.citations)::BIGINT, sum(v.shown)::BIGINT, sum(v.supported)::BIGINT,
    sum(a.calls)::BIGINT, sum(a.failed)::BIGINT
FROM runs r
LEFT JOIN (
    SELECT c.run_id, count(*) AS citations, bool_or((runs.hits_record, c.passage_id) IN (
        SELECT (record_id, passage_id) FROM hits WHERE rank <= 3)) AS top3
    FROM citations c JOIN runs ON runs.id = c.run_id GROUP BY c.run_id
) c ON c.run_id = r.id
LEFT JOIN (
    SELECT run_id, count(*) FILTER (action = 'shown') AS shown,
        count(*) FILTER (action = 'shown' AND support IN ('verbatim', 'supported')) AS supported
    FROM verdicts GROUP BY run_id
) v ON v.run_id = r.id
LEFT JOIN (
    SELECT run_id, count(*) AS calls, count(*) FILTER (outcome = 'failed') AS failed
    FROM attempts GROUP BY run_id
) a ON a.run_id = r.id
LEFT JOIN (
    SELECT run_id, count(*) FILTER (rating = 'bad') AS bad FROM feedback GROUP BY run_id
) f ON f.run_id = r.id
WHERE r.kind = 'ask'
GROUP BY r.model
ORDER BY r.model;
"""


def fill(folder: Path, calls: int) -> None:
    """A ledger of that many requests, in a quarter fewer runs than requests."""
    runs = calls * 4 // 5
    with opened(folder / DATABASE_FILE) as connection:
        connection.execute(MADE, {"runs": runs, "days": DAYS})
        for statement in FILLED:
            named = {"days": DAYS} if "$days" in statement else {}
            connection.execute(statement, named)
        connection.execute("CHECKPOINT")


@contextmanager
def timed(label: str) -> Iterator[None]:
    """Wall time, and processor time of all threads: what is left of it when others are busy."""
    wall, processor = time.perf_counter(), time.process_time()
    yield
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    print(f"{label:<56}{wall:8.2f} s{processor:8.2f} s", flush=True)


def added_up(folder: Path) -> list[tuple[object, ...]]:
    """The baseline, on a database that is open and warm."""
    with opened(folder / DATABASE_FILE, read_only=True) as connection:
        connection.execute("SELECT count(*) FROM runs").fetchall()
        with timed("baseline: added up from the records, by model"):
            rows: list[tuple[object, ...]] = connection.execute(ADDED_UP).fetchall()
    return rows


def same(row: StatsRow, added: tuple[object, ...]) -> bool:
    told = (
        row.group,
        row.runs,
        row.succeeded,
        row.cost_microusd,
        [row.latency_p50_ms, row.latency_p95_ms],
        [row.first_token_p50_ms, row.first_token_p95_ms],
        row.cited,
        row.cited_top3,
        row.citations,
        row.sentences,
        row.supported,
        row.calls,
        row.failed_calls,
    )
    return told == added


def append(folder: Path, runs: int) -> None:
    writer = SpoolRunWriter(folder, bodies=True)
    for number in range(runs):
        for event in written_run(f"fff-{number}", started_at=datetime.now(UTC)):
            writer.append(f"fff-{number}", event)
    writer.close()


def command(home: Path, *arguments: str) -> None:
    """The whole command in a process of its own: start, open, add up, print."""
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "copilot.cli", *arguments],
        cwd=REPOSITORY,
        env={**os.environ, "COPILOT_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    print(f"{'copilot ' + ' '.join(arguments):<56}{time.perf_counter() - began:8.2f} s", flush=True)


def compare(home: Path, calls: int) -> None:
    folder = home / "ledger"
    if not (folder / DATABASE_FILE).exists():
        folder.mkdir(parents=True)
        with timed(f"making a ledger of {calls:,} model calls"):
            fill(folder, calls)
    size = (folder / DATABASE_FILE).stat().st_size / 2**20
    print(f"{'':<56}{'wall':>10}{'processor':>10}  ({size:,.0f} MiB)")
    reader, everything = LedgerReader(folder), RunFilter(kind="ask")
    with timed("first reader: counts every run, once"):
        reader.stats(everything, by="")
    expected = added_up(folder)
    found = reader.stats(everything, by="model")
    agree = all(same(row, one) for row, one in zip(found, expected, strict=True))
    asked: list[tuple[str, Callable[[], object]]] = [
        ("stats", lambda: reader.stats(everything, by="")),
        *((f"stats --by {by}", lambda by=by: reader.stats(everything, by=by)) for by in GROUPS),
        ("stats --since 30d", lambda: reader.stats(_last_30_days(), by="")),
        ("stats: freshness", lambda: reader.freshness(everything, within_s=86_400.0)),
        ("stats failures", lambda: cluster_failures(reader.failures(everything))),
    ]
    for label, question in asked:
        with timed(label):
            question()
    for runs in (1, 100):
        append(folder, runs)
        with timed(f"stats with {runs} new run(s) to merge and to count"):
            reader.stats(everything, by="")
    for arguments in (["stats"], ["stats", "--by", "day"], ["stats", "kpi"]):
        command(home, *arguments)
    print(f"both ways agree on {len(expected)} models: {agree}")
    if not agree:
        sys.exit("the figures differ")


def _last_30_days() -> RunFilter:
    return RunFilter(since=datetime.now(UTC) - timedelta(days=30), kind="ask")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="A home to keep, and to use again.")
    chosen = parser.parse_args()
    if chosen.folder:
        compare(chosen.folder, chosen.calls)
        return
    with tempfile.TemporaryDirectory() as place:
        compare(Path(place), chosen.calls)


if __name__ == "__main__":
    main()
