"""How fast runs leave a ledger of a million requests: traces by the batch, metrics, a drift rule.

Prints rates and seconds on this machine; nothing is asserted. Run as a script, with a number of
runs if a quarter of a million, of four requests each, is too many.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from copilot.adapters.ledger.database import DATABASE_FILE, opened
from copilot.adapters.ledger.sent import SentRuns
from copilot.adapters.ledger.traces import LedgerTraces
from copilot.adapters.telemetry.prometheus import exposition
from copilot.config.schema import AlertRule
from copilot.signals import Scope, Span
from copilot.telemetry import exporting
from copilot.telemetry.exporting import export_traces
from copilot.telemetry.metrics import BOUNDS, SECONDS, TOKENS, metrics
from copilot.telemetry.rules import check

RUNS = 250_000
# Two hits, four requests and three verdicts a run; nothing else is read by what is measured.
FILL = """
INSERT INTO runs BY NAME
SELECT 'run-' || i AS id, 'ask' AS kind, 'answered' AS status,
    now()::TIMESTAMP - to_seconds(i * 10) AS started_at, started_at AS finished_at,
    '' AS conversation, 'local' AS principal, '' AS release, 'm' AS model, false AS follow_up,
    12.5 AS retrieval_ms, i % 3000 AS latency_ms, i % 300 AS first_token_ms,
    900 AS input_tokens, 40 AS output_tokens, 1234 AS cost_microusd, '' AS error_type,
    'run-' || i || ':3' AS hits_record, true AS counted
FROM range($runs) t(i);
INSERT INTO hits BY NAME
SELECT 'run-' || i || ':3' AS record_id, rank, 'run-' || i AS run_id, 'p' || rank AS passage_id,
    'd' || (i % 40) AS document_id, '' AS path, '' AS title, '{}' AS locator, 1.0 AS score,
    '{"dense": 0.' || (i % 90 + 10) || '}' AS scores
FROM range($runs) t(i), range(1, 3) r(rank);
INSERT INTO attempts BY NAME
SELECT 'run-' || i || ':' || (n + 4) AS record_id, 'run-' || i AS run_id,
    now()::TIMESTAMP - to_seconds(i * 10) AS recorded_at, 'm' AS model, 'ok' AS outcome,
    '' AS error_type, 900 AS input_tokens, 40 AS output_tokens, 1234 AS cost_microusd,
    100.0 AS first_token_ms, 900.0 AS latency_ms
FROM range($runs) t(i), range(4) r(n);
INSERT INTO verdicts BY NAME
SELECT 'run-' || i || ':' || (n + 9) AS record_id, 'run-' || i AS run_id,
    now()::TIMESTAMP - to_seconds(i * 10) AS recorded_at, 'supported' AS support,
    'shown' AS "action", [1] AS citations
FROM range($runs) t(i), range(3) r(n)
"""


class Counting:
    """A place that takes everything at once."""

    place = shown = "nowhere"

    def __init__(self) -> None:
        self.spans = 0

    def send(self, spans: Sequence[Span], scope: Scope) -> tuple[int, str]:
        self.spans += len(spans)
        return 0, ""


def main(runs: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        ledger = Path(folder)
        with opened(ledger / DATABASE_FILE) as connection:
            for statement in FILL.split(";"):
                connection.execute(statement, {"runs": runs})
        print(f"{runs:,} runs, {4 * runs:,} requests, two cores or less")
        reader = LedgerTraces(ledger)
        _traces(reader, ledger)
        began = time.perf_counter()
        text = exposition(metrics(reader.totals(BOUNDS), now=datetime.now(UTC)))
        print(f"metrics   {time.perf_counter() - began:6.2f} s, {len(text):,} bytes")
        began = time.perf_counter()
        reader.request_totals(seconds=SECONDS, tokens=TOKENS, other="")
        print(f"requests  {time.perf_counter() - began:6.2f} s")
        rule = AlertRule(figure="score_drift", above=0.2, window="7d")
        for name, one in (("drift", rule), ("cost", AlertRule(figure="cost", above=1.0))):
            began = time.perf_counter()
            check({name: one}, runs=reader, samples=reader, now=datetime.now(UTC))
            print(f"{name:<9} {time.perf_counter() - began:6.2f} s")


def _traces(reader: LedgerTraces, ledger: Path) -> None:
    """Ten batches, as every batch costs the same; nothing goes over a network."""
    sink, began = Counting(), time.perf_counter()
    todo = reader.ended(since=None)
    print(f"ids       {time.perf_counter() - began:6.2f} s for {len(todo):,}")
    log = SentRuns(ledger, sink.place, shown=sink.shown)
    with log.held():
        log.add(todo[10 * exporting.BATCH_RUNS :])
    began = time.perf_counter()
    done = export_traces(reader, sink, log)
    took = time.perf_counter() - began
    print(f"traces    {took:6.2f} s for {done.runs:,} runs, {done.spans / took:,.0f} spans/s")
    began = time.perf_counter()
    export_traces(reader, sink, log)
    print(f"nothing   {time.perf_counter() - began:6.2f} s to find that all were sent")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS)
