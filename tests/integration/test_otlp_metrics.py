"""What requests add up to reaches a collector as OpenTelemetry's own histograms, cumulative."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    AGGREGATION_TEMPORALITY_CUMULATIVE,
    MetricsData,
)

from copilot.adapters.ledger.database import DATABASE_FILE, opened
from copilot.adapters.ledger.reader import LedgerReader
from copilot.adapters.ledger.spool import SpoolRunWriter
from copilot.adapters.ledger.traces import LedgerTraces
from copilot.adapters.telemetry.otlp_file import OtlpFile
from copilot.adapters.telemetry.otlp_http import OtlpEndpoint
from copilot.errors import ToolError
from copilot.events import Event, ModelAttempt
from copilot.messages import Usage
from copilot.outlets import TotalsSink
from copilot.records import Record, ToolCalled
from copilot.runs import RunFilter
from copilot.telemetry import names
from copilot.telemetry.exporting import ExportedTotals, export_totals
from copilot.telemetry.metrics import SECONDS, TOKENS
from copilot.testing.run_events import STARTED_AT, quoted_run, written_run
from tests.otlp_receiver import OtlpReceiver, Reply, attributes

NOW = datetime(2026, 11, 22, tzinfo=UTC)
MODEL = "openai/gpt-5-mini"
CHAT = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": MODEL,
}


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "ledger"


def record(ledger: Path, run_id: str, *said: Event | Record, at: datetime = STARTED_AT) -> None:
    writer = SpoolRunWriter(ledger, bodies=True, now=lambda: at)
    for one in said:
        writer.append(run_id, one)
    writer.close()


def endpoint(url: str) -> OtlpEndpoint:
    return OtlpEndpoint(url, header="Authorization", value=None)


def export(ledger: Path, sink: TotalsSink) -> ExportedTotals:
    return export_totals(LedgerTraces(ledger), sink, instance="one", now=NOW)


def chat_point(metrics: list[Any], name: str, more: Mapping[str, str]) -> Any:
    [metric] = [one for one in metrics if one.name == name]
    [found] = [one for one in metric.histogram.data_points if attributes(one) == {**CHAT, **more}]
    return found


def spread(point: Any, bounds: tuple[float, ...]) -> dict[float, int]:
    """How many values lie in the bucket that each bound closes; buckets without any left out."""
    assert tuple(point.explicit_bounds) == bounds
    closed = (*bounds, float("inf"))
    pairs = zip(closed, point.bucket_counts, strict=True)
    return {bound: count for bound, count in pairs if count}


def test_a_collector_reads_how_long_requests_took_and_what_they_used(ledger: Path) -> None:
    record(ledger, "run-1", *written_run("run-1"))
    record(ledger, "run-2", *written_run("run-2"))
    with OtlpReceiver() as receiver:
        done = export(ledger, endpoint(receiver.url))
        [message] = [received.message for received in receiver.accepted]
        found = receiver.metrics
    assert done == ExportedTotals(points=5)
    [resource] = message.resource_metrics
    told = attributes(resource.resource)
    assert (told["service.name"], told["service.instance.id"]) == ("copilot", "one")
    assert resource.scope_metrics[0].schema_url == names.GENAI_SCHEMA
    assert [(metric.name, metric.unit) for metric in found] == [
        ("gen_ai.client.operation.duration", "s"),
        ("gen_ai.client.operation.time_to_first_chunk", "s"),
        ("gen_ai.client.token.usage", "{token}"),
    ]
    for metric in found:
        assert metric.histogram.aggregation_temporality == AGGREGATION_TEMPORALITY_CUMULATIVE
    duration = chat_point(found, "gen_ai.client.operation.duration", {})
    # 900 ms each: above 0.64, at most 1.28
    assert (duration.count, duration.sum) == (2, pytest.approx(1.8))
    assert spread(duration, SECONDS) == {1.28: 2}
    limited = {"error.type": "ModelRateLimitError"}
    assert chat_point(found, "gen_ai.client.operation.duration", limited).count == 2
    first = chat_point(found, "gen_ai.client.operation.time_to_first_chunk", {})
    assert spread(first, SECONDS) == {0.32: 2}
    # The request that failed told no tokens.
    usage = "gen_ai.client.token.usage"
    read = chat_point(found, usage, {"gen_ai.token.type": "input"})
    assert (read.count, read.sum, spread(read, TOKENS)) == (2, 1_800, {1_024.0: 2})
    assert chat_point(found, usage, {"gen_ai.token.type": "output"}).sum == 80


def test_the_numbers_count_from_the_first_record_and_grow(ledger: Path) -> None:
    def nanoseconds(moment: datetime) -> int:
        return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000

    later = STARTED_AT + timedelta(hours=1)
    record(ledger, "run-1", *written_run("run-1"))
    with OtlpReceiver() as receiver:
        sink = endpoint(receiver.url)
        export(ledger, sink)
        one = chat_point(receiver.metrics, "gen_ai.client.operation.duration", {})
        record(ledger, "run-2", *written_run("run-2", started_at=later), at=later)
        export(ledger, sink)
        two = chat_point(receiver.metrics, "gen_ai.client.operation.duration", {})
        # Once retention has taken the oldest run they begin anew, later.
        with opened(ledger / DATABASE_FILE) as connection:
            for table, column in (("runs", "id"), ("attempts", "run_id")):
                connection.execute(f"DELETE FROM {table} WHERE {column} = 'run-1'")
        export(ledger, sink)
        anew = chat_point(receiver.metrics, "gen_ai.client.operation.duration", {})
    assert (one.count, two.count) == (1, 2)
    assert {one.start_time_unix_nano, two.start_time_unix_nano} == {nanoseconds(STARTED_AT)}
    assert one.time_unix_nano == nanoseconds(NOW)
    assert (anew.count, anew.start_time_unix_nano) == (1, nanoseconds(later))


def test_the_metrics_add_up_to_what_stats_say(ledger: Path) -> None:
    for number in range(1, 6):
        record(ledger, f"run-{number}", *written_run(f"run-{number}"))
    record(ledger, "run-6", *quoted_run("run-6"))
    [row] = LedgerReader(ledger).stats(RunFilter(), by="")
    with OtlpReceiver() as receiver:
        export(ledger, endpoint(receiver.url))
        duration, _, usage = receiver.metrics
    assert sum(one.count for one in duration.histogram.data_points) == row.calls
    tokens = sum(one.sum for one in usage.histogram.data_points)
    assert tokens == row.input_tokens + row.output_tokens


def test_calls_of_tools_count_if_they_were_made(ledger: Path) -> None:
    record(
        ledger,
        "run-1",
        *quoted_run("run-1"),
        ToolCalled("search", "read", "ok", latency_ms=30.0),
        ToolCalled("search", "read", "ok", latency_ms=40.0),
        ToolCalled("search", "read", "timed_out", latency_ms=90_000.0),
        ToolCalled("close", "write", "denied"),
    )
    with OtlpReceiver() as receiver:
        assert export(ledger, endpoint(receiver.url)).points == 2
        [metric] = receiver.metrics
    assert metric.name == "gen_ai.execute_tool.duration"
    failed, made = sorted(metric.histogram.data_points, key=lambda one: one.count)
    common = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "search"}
    assert attributes(made) == common
    assert (made.count, spread(made, SECONDS)) == (2, {0.04: 2})
    assert attributes(failed) == {**common, "error.type": "timed_out"}
    assert spread(failed, SECONDS) == {float("inf"): 1}


def test_embeddings_by_api_are_an_operation_of_their_own_and_write_no_tokens(ledger: Path) -> None:
    usage = Usage("embedder", 10, 0, 4)
    asked = ModelAttempt("embedder", "ok", "", usage, None, 2.0, operation="embeddings")
    record(ledger, "run-1", *quoted_run("run-1")[:1], asked)
    with OtlpReceiver() as receiver:
        export(ledger, endpoint(receiver.url))
        _, tokens = receiver.metrics
    [point] = tokens.histogram.data_points
    assert attributes(point) == {
        "gen_ai.operation.name": "embeddings",
        "gen_ai.provider.name": "_OTHER",
        "gen_ai.request.model": "embedder",
        "gen_ai.token.type": "input",
    }


def test_where_nothing_was_requested_nothing_is_sent(ledger: Path) -> None:
    with OtlpReceiver() as receiver:
        assert export(ledger, endpoint(receiver.url)) == ExportedTotals(0)
        record(ledger, "run-1", *quoted_run("run-1"))
        assert export(ledger, endpoint(receiver.url)) == ExportedTotals(0)
        assert receiver.seen == []


@pytest.mark.parametrize("suffix", ["", "/", "/v1/traces", "/v1/traces/?token=abc"])
def test_metrics_go_beside_the_traces(ledger: Path, suffix: str) -> None:
    record(ledger, "run-1", *written_run("run-1"))
    with OtlpReceiver() as receiver:
        export(ledger, endpoint(receiver.url + suffix))
        [seen] = receiver.accepted
    assert seen.path == "/v1/metrics" + ("?token=abc" if "token" in suffix else "")


@pytest.mark.parametrize("status", [404, 405, 501])
def test_a_place_that_takes_no_metrics_is_no_failure(ledger: Path, status: int) -> None:
    record(ledger, "run-1", *written_run("run-1"))
    with OtlpReceiver(Reply(status=status)) as receiver:
        assert export(ledger, endpoint(receiver.url)) == ExportedTotals(None)


@pytest.mark.parametrize(("status", "retryable"), [(503, True), (401, False)])
def test_a_place_that_fails_is_said(ledger: Path, status: int, retryable: bool) -> None:
    record(ledger, "run-1", *written_run("run-1"))
    with (
        OtlpReceiver(Reply(status=status)) as receiver,
        pytest.raises(ToolError, match=f"v1/metrics answered {status}") as failed,
    ):
        export(ledger, endpoint(receiver.url))
    assert failed.value.retryable is retryable


def test_data_points_that_are_refused_for_good_are_counted(ledger: Path) -> None:
    record(ledger, "run-1", *written_run("run-1"))
    with OtlpReceiver(Reply(partial=(3, "too old"))) as receiver:
        assert export(ledger, endpoint(receiver.url)) == ExportedTotals(5, 3, "too old")


def test_a_file_reads_back_as_what_a_collector_gets(ledger: Path, tmp_path: Path) -> None:
    record(ledger, "run-1", *written_run("run-1"))
    file = tmp_path / "totals.jsonl"
    with OtlpReceiver() as receiver:
        export(ledger, endpoint(receiver.url))
        expected = receiver.accepted[0].message
    for _ in range(2):
        export(ledger, OtlpFile(file))
    one, other = file.read_text(encoding="utf-8").splitlines()
    assert one == other
    assert ParseDict(json.loads(one), MetricsData()).resource_metrics == expected.resource_metrics


def test_no_word_of_a_person_is_in_the_metrics(ledger: Path) -> None:
    record(ledger, "run-1", *written_run("run-1"))
    with OtlpReceiver() as receiver:
        export(ledger, endpoint(receiver.url))
        sent = receiver.seen[0].body
    for text in (b"And after that?", b"morning", b"slow down", b"run-1", b"local", b"/handbook"):
        assert text not in sent
