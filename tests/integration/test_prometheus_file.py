"""The official parser reads what the ledger adds up to, at any moment."""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from copilot.adapters.ledger.reader import LedgerReader
from copilot.adapters.ledger.spool import SpoolRunWriter
from copilot.adapters.ledger.traces import LedgerTraces
from copilot.adapters.telemetry.prometheus import PrometheusFile, exposition
from copilot.errors import StorageError, UsageError
from copilot.events import ModelAttempt, RunStarted, SyncFinished
from copilot.messages import Status, Usage
from copilot.records import FeedbackGiven
from copilot.runs import RunFilter
from copilot.signals import Metric, Sample
from copilot.telemetry.metrics import BOUNDS, metrics
from copilot.testing.run_events import STARTED_AT, quoted_run, written_run
from tests.privileges import obeying_permissions

NOW = datetime(2026, 11, 22, tzinfo=UTC)
Labels = frozenset[tuple[str, str]]


def record(ledger: Path, *runs: list) -> None:
    writer = SpoolRunWriter(ledger, bodies=True)
    for events in runs:
        for event in events:
            writer.append(events[0].run_id, event)
    writer.close()


def told(ledger: Path) -> tuple[Metric, ...]:
    return metrics(LedgerTraces(ledger).totals(BOUNDS), now=NOW)


def parsed(text: str) -> dict[tuple[str, Labels], float]:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(found: dict[tuple[str, Labels], float], name: str, **labels: str) -> float:
    return found[name, frozenset(labels.items())]


def test_the_parser_reads_runs_requests_tokens_money_and_verdicts(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    writer = SpoolRunWriter(ledger, bodies=True)
    writer.append("run-1", FeedbackGiven("good", "local"))
    writer.close()
    record(
        ledger,
        quoted_run("run-1", latency_ms=100.0),
        quoted_run("run-2", latency_ms=101.0, status=Status.ABSTAINED),
        written_run("run-3"),
        written_run("run-4", cost_microusd=None),
    )
    PrometheusFile(tmp_path / "copilot.prom").write(told(ledger))
    found = parsed((tmp_path / "copilot.prom").read_text(encoding="utf-8"))
    assert value(found, "copilot_runs_total", kind="ask", status="answered") == 3
    assert value(found, "copilot_runs_total", kind="ask", status="abstained") == 1
    model = "openai/gpt-5-mini"
    limited = {"outcome": "failed", "error": "ModelRateLimitError"}
    assert value(found, "copilot_model_requests_total", model=model, **limited) == 2
    assert value(found, "copilot_model_tokens_total", model=model, direction="output") == 80
    assert value(found, "copilot_model_cost_usd_total", model=model) == 0.001234
    assert value(found, "copilot_model_requests_unpriced_total", model=model) == 1
    assert value(found, "copilot_sentences_total", support="verbatim", action="shown") == 1
    assert value(found, "copilot_feedback_total", rating="good") == 1
    for bound, count in (("0.05", 0), ("0.1", 1), ("0.25", 2), ("1.0", 4), ("+Inf", 4)):
        name = "copilot_run_duration_seconds_bucket"
        assert value(found, name, kind="ask", le=bound) == count
    assert value(found, "copilot_run_duration_seconds_count", kind="ask") == 4
    assert value(found, "copilot_run_duration_seconds_sum", kind="ask") == pytest.approx(2.201)
    assert value(found, "copilot_newest_run_timestamp_seconds") == STARTED_AT.timestamp()
    assert value(found, "copilot_metrics_written_timestamp_seconds") == NOW.timestamp()


def test_the_newest_sync_is_that_of_all_sources(tmp_path: Path) -> None:
    name = "copilot_newest_index_sync_timestamp_seconds"
    for hours, whole in ((0, True), (1, False)):
        at = STARTED_AT + timedelta(hours=hours)
        writer = SpoolRunWriter(tmp_path, bodies=True, now=lambda at=at: at)
        writer.append(f"run-{hours}", RunStarted(f"run-{hours}", "index", "", "", "local", at))
        writer.append(f"run-{hours}", SyncFinished(1, 0, 0, 0, 0, 0, 4, 1, 9.0, whole=whole))
        writer.close()
        found = parsed(exposition(told(tmp_path)).decode())
        assert value(found, name) == STARTED_AT.timestamp()


def test_the_counters_add_up_to_what_stats_say(tmp_path: Path) -> None:
    record(tmp_path, *(written_run(f"run-{n}", cost_microusd=n * 333_333) for n in range(1, 8)))
    [row] = LedgerReader(tmp_path).stats(RunFilter(), by="")
    found = parsed(exposition(told(tmp_path)).decode())
    money = sum(v for (name, _), v in found.items() if name == "copilot_model_cost_usd_total")
    assert round(money * 1_000_000) == row.cost_microusd
    assert value(found, "copilot_runs_total", kind="ask", status="answered") == row.runs


def test_an_empty_ledger_has_only_the_time_of_writing(tmp_path: Path) -> None:
    found = parsed(exposition(told(tmp_path / "nothing")).decode())
    assert [name for name, _ in found] == ["copilot_metrics_written_timestamp_seconds"]


def test_any_name_of_a_model_is_a_label_that_reads_back(tmp_path: Path) -> None:
    model = 'a"b\\c\nd{e="f"} 1\\n é'
    usage = Usage(model, 1, 2, 3)
    started = RunStarted("run-1", "ask", "?", "", "local", STARTED_AT)
    record(tmp_path, [started, ModelAttempt(model, "ok", "", usage, 1.0, 2.0)])
    found = parsed(exposition(told(tmp_path)).decode())
    assert value(found, "copilot_model_tokens_total", model=model, direction="output") == 2


def test_a_half_of_a_surrogate_pair_is_replaced() -> None:
    metric = Metric("x_total", "counter", "X.", ("model",), (Sample(("a\ud800",), 1.0),))
    assert parsed(exposition([metric]).decode()) == {("x_total", frozenset({("model", "a?")})): 1.0}


def test_who_reads_while_it_is_written_sees_whole_files_alone(tmp_path: Path) -> None:
    file = tmp_path / "copilot.prom"
    sink = PrometheusFile(file)
    sizes = (1, 400)

    def families(size: int) -> list[Metric]:
        samples = tuple(Sample((str(n),), float(size)) for n in range(size))
        return [Metric("x_total", "counter", "X.", ("n",), samples)]

    sink.write(families(1))
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            for size in sizes:
                sink.write(families(size))

    thread = threading.Thread(target=write)
    thread.start()
    try:
        seen = [parsed(file.read_text(encoding="utf-8")) for _ in range(60)]
    finally:
        stop.set()
        thread.join()
    assert all(set(found.values()) == {float(len(found))} for found in seen)
    assert [path.name for path in tmp_path.iterdir()] == ["copilot.prom"]
    assert file.stat().st_mode & 0o777 == 0o644


@obeying_permissions
def test_what_cannot_be_replaced_stays_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "copilot.prom"
    file.write_text("before 1\n", encoding="utf-8")
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(StorageError, match="can't be written"):
            PrometheusFile(file).write([])
    finally:
        tmp_path.chmod(0o700)
    assert list(tmp_path.iterdir()) == [file]
    assert file.read_text(encoding="utf-8") == "before 1\n"


def test_a_link_stays_and_what_is_no_file_is_left_alone(tmp_path: Path) -> None:
    link, file = tmp_path / "link.prom", tmp_path / "copilot.prom"
    link.symlink_to(file)
    PrometheusFile(link).write([])
    assert link.is_symlink()
    assert file.is_file()
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for place in (pipe, tmp_path):
        with pytest.raises(UsageError, match="is no file"):
            PrometheusFile(place).write([])
    assert pipe.is_fifo()


def test_a_path_that_no_file_can_have_is_said(tmp_path: Path) -> None:
    for place in (tmp_path / ("x" * 300), tmp_path / "missing" / "x.prom"):
        with pytest.raises(StorageError, match="can't be written"):
            PrometheusFile(place).write([])


def test_a_link_that_leads_to_itself_gives_way_to_the_file(tmp_path: Path) -> None:
    loop = tmp_path / "loop.prom"
    loop.symlink_to(loop)
    PrometheusFile(loop).write([])
    assert loop.is_file()


def test_figures_of_runs_that_began_earlier_only_add(tmp_path: Path) -> None:
    record(tmp_path, quoted_run("run-1"))
    before = parsed(exposition(told(tmp_path)).decode())
    record(tmp_path, quoted_run("run-2", started_at=STARTED_AT - timedelta(days=400)))
    after = parsed(exposition(told(tmp_path)).decode())
    assert all(after[key] >= before[key] for key in before)
