"""Runs leave for a collector once each, whatever fails on the way, and no secret is shown."""

from __future__ import annotations

import base64
import threading
from collections.abc import Collection
from datetime import timedelta
from pathlib import Path

import pytest

from copilot.adapters.ledger.sent import SENT_FOLDER, SentRuns
from copilot.adapters.ledger.spool import SpoolRunWriter
from copilot.adapters.ledger.traces import LedgerTraces
from copilot.adapters.telemetry.otlp_file import OtlpFile
from copilot.adapters.telemetry.otlp_http import OtlpEndpoint
from copilot.errors import ConfigError, StorageError, ToolError
from copilot.records import FeedbackGiven
from copilot.telemetry import exporting
from copilot.telemetry.exporting import Exported, export_traces
from copilot.testing.openai_server import refused_url
from copilot.testing.run_events import STARTED_AT, quoted_run, written_run
from tests.integration.otlp_exports import RUN, endpoint, export, record
from tests.otlp_receiver import OtlpReceiver, Reply, attributes


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "ledger"


def test_exporting_twice_sends_each_run_once(ledger: Path) -> None:
    record(ledger, quoted_run("run-1"), quoted_run("run-2"))
    with OtlpReceiver() as receiver:
        sink = endpoint(receiver.url)
        assert export(ledger, sink).runs == 2
        assert export(ledger, sink) == Exported(runs=0, spans=0, before=2)
        # older than what went already: it is recorded late, and still goes
        record(ledger, quoted_run("run-0", started_at=STARTED_AT - timedelta(days=9)))
        assert export(ledger, sink).runs == 1
        assert len(receiver.spans) == 6


def test_a_rating_that_comes_later_joins_the_trace_of_its_run_once(ledger: Path) -> None:
    record(ledger, quoted_run(RUN))
    with OtlpReceiver() as receiver:
        sink = endpoint(receiver.url)
        export(ledger, sink)
        writer = SpoolRunWriter(ledger, bodies=True)
        writer.append(RUN, FeedbackGiven("bad", "bob", ("my-tag",), comment="It is wrong."))
        writer.close()
        assert export(ledger, sink) == Exported(runs=0, spans=1, before=1, ratings=1)
        assert export(ledger, sink) == Exported(runs=0, spans=0, before=1)
        root, *_, rated = receiver.spans
        last = receiver.accepted[-1].body
    assert (rated.trace_id, rated.parent_span_id) == (root.trace_id, root.span_id)
    [event] = rated.events
    assert attributes(event) == {
        "gen_ai.evaluation.name": "user_rating",
        "gen_ai.evaluation.score.label": "bad",
    }
    for text in (b"It is wrong", b"bob", b"my-tag"):
        assert text not in last


def test_each_place_gets_every_run(ledger: Path, tmp_path: Path) -> None:
    record(ledger, quoted_run("run-1"))
    with OtlpReceiver() as one, OtlpReceiver() as other:
        assert export(ledger, endpoint(one.url)).runs == 1
        assert export(ledger, endpoint(other.url)).runs == 1
    assert export(ledger, OtlpFile(tmp_path / "runs.jsonl")).runs == 1


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_a_place_that_is_down_did_not_take_goes_next_time(ledger: Path, status: int) -> None:
    record(ledger, quoted_run("run-1"))
    with OtlpReceiver(Reply(status=status)) as receiver:
        sink = endpoint(receiver.url)
        with pytest.raises(ToolError, match=str(status)) as failed:
            export(ledger, sink)
        assert failed.value.retryable
        assert export(ledger, sink).runs == 1
        assert len(receiver.spans) == 2


def test_nobody_listening_is_said_and_loses_nothing(ledger: Path) -> None:
    record(ledger, quoted_run("run-1"))
    with pytest.raises(ToolError, match="can't be reached") as failed:
        export(ledger, endpoint(refused_url().removesuffix("/v1")))
    assert failed.value.retryable
    with OtlpReceiver() as receiver:
        assert export(ledger, endpoint(receiver.url)).runs == 1


def test_batches_before_a_failure_are_not_sent_again(
    ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "BATCH_RUNS", 2)
    record(ledger, *(quoted_run(f"run-{n}") for n in range(5)))
    with OtlpReceiver(Reply(), Reply(status=503)) as receiver:
        sink = endpoint(receiver.url)
        with pytest.raises(ToolError):
            export(ledger, sink)
        assert export(ledger, sink) == Exported(runs=3, spans=6, before=2)
        roots = [attributes(span) for span in receiver.spans if not span.parent_span_id]
    assert sorted(root["copilot.run.id"] for root in roots) == [f"run-{n}" for n in range(5)]


def test_a_run_that_is_sent_again_after_a_crash_is_the_same_trace(ledger: Path) -> None:
    class Crash(BaseException):
        pass

    class DiesBeforeItRemembers(SentRuns):
        def add(self, ids: Collection[str]) -> None:
            raise Crash

    record(ledger, written_run(RUN))
    with OtlpReceiver() as receiver:
        sink = endpoint(receiver.url)
        with pytest.raises(Crash):
            export_traces(
                LedgerTraces(ledger), sink, DiesBeforeItRemembers(ledger, sink.place, shown="")
            )
        assert export(ledger, sink).runs == 1
        first, second = (received.body for received in receiver.accepted)
    assert first == second


def test_an_id_that_was_half_written_was_not_sent(ledger: Path) -> None:
    record(ledger, quoted_run("run-1"), quoted_run("run-2"))
    with OtlpReceiver() as receiver:
        sink = endpoint(receiver.url)
        log = SentRuns(ledger, sink.place, shown=sink.shown)
        with log.held():
            log.add(["run-1"])
        [file] = (ledger / SENT_FOLDER).iterdir()
        file.write_bytes(file.read_bytes() + b"run-")
        assert export(ledger, sink) == Exported(runs=1, spans=2, before=1)
        assert export(ledger, sink) == Exported(runs=0, spans=0, before=2)
    assert file.stat().st_mode & 0o777 == 0o600


def test_two_exports_to_one_place_at_once_send_each_run_once(ledger: Path) -> None:
    record(ledger, *(quoted_run(f"run-{n}") for n in range(5)))
    with OtlpReceiver() as receiver:
        outcomes: list[object] = []

        def go() -> None:
            try:
                outcomes.append(export(ledger, endpoint(receiver.url)).runs)
            except StorageError as error:
                outcomes.append(error)

        threads = [threading.Thread(target=go) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len([span for span in receiver.spans if not span.parent_span_id]) == 5
    assert sum(o for o in outcomes if isinstance(o, int)) == 5
    assert all("another copilot" in str(o) for o in outcomes if not isinstance(o, int))


def test_spans_that_a_collector_refuses_for_good_are_counted_and_not_sent_again(
    ledger: Path,
) -> None:
    record(ledger, quoted_run("run-1"))
    with OtlpReceiver(Reply(partial=(2, "too old"))) as receiver:
        sink = endpoint(receiver.url)
        done = export(ledger, sink)
        assert (done.rejected, done.reason) == (2, "too old")
        assert export(ledger, sink).runs == 0


def test_what_is_too_large_for_one_request_goes_in_several(ledger: Path) -> None:
    record(ledger, *(written_run(f"run-{n}") for n in range(3)))
    too_large = Reply(status=413)
    with OtlpReceiver(too_large, too_large, Reply(partial=(1, "too old"))) as receiver:
        sink = endpoint(receiver.url)
        done = export(ledger, sink)
        assert (done.runs, done.spans, done.rejected, done.reason) == (3, 12, 1, "too old")
        assert [
            len(one.message.resource_spans[0].scope_spans[0].spans) for one in receiver.seen
        ] == [
            *(12, 6, 3),
            *(3, 6),
        ]
        assert len({span.span_id for span in receiver.spans}) == len(receiver.spans) == 12


def test_a_span_that_is_too_large_alone_is_said(ledger: Path) -> None:
    record(ledger, quoted_run("run-1"))
    with (
        OtlpReceiver(*[Reply(status=413)] * 2) as receiver,
        pytest.raises(ToolError, match="answered 413"),
    ):
        export(ledger, endpoint(receiver.url))
    assert receiver.spans == []


def test_only_runs_of_the_period_leave_and_the_others_may_later(ledger: Path) -> None:
    record(ledger, quoted_run("run-1"), quoted_run("run-2", started_at=STARTED_AT + timedelta(1)))
    with OtlpReceiver() as receiver:
        sink = endpoint(receiver.url)
        assert export(ledger, sink, since=STARTED_AT + timedelta(hours=1)).runs == 1
        assert export(ledger, sink) == Exported(runs=1, spans=2, before=1)


def test_a_redirect_is_not_followed(ledger: Path) -> None:
    record(ledger, quoted_run("run-1"))
    with OtlpReceiver() as elsewhere:
        moved = Reply(status=302, headers={"Location": f"{elsewhere.url}/v1/traces"})
        with OtlpReceiver(moved) as receiver, pytest.raises(ToolError, match="302"):
            export(ledger, endpoint(receiver.url))
        assert elsewhere.seen == []


def test_the_key_goes_in_its_header_and_into_no_message(ledger: Path) -> None:
    record(ledger, quoted_run("run-1"))
    with OtlpReceiver(Reply(status=401)) as receiver:
        sink = OtlpEndpoint(receiver.url, header="X-Api-Key", value="hush-hush")
        with pytest.raises(ToolError, match="401") as failed:
            export(ledger, sink)
        assert "hush" not in f"{failed.value} {failed.value.hint} {sink.shown}"
        assert receiver.seen[0].headers["x-api-key"] == "hush-hush"


@pytest.mark.parametrize(
    "address", ["localhost:4318", "file:///etc/passwd", "ftp://host/x", "http://", "http://a b", ""]
)
def test_what_is_no_address_is_said_before_anything_is_read(address: str) -> None:
    with pytest.raises(ConfigError, match=r"telemetry\.endpoint"):
        endpoint(address)


def test_a_secret_in_an_address_is_not_shown() -> None:
    sink = endpoint("https://me:pass@host:4318/otlp?token=abc")
    assert sink.shown == "https://host:4318/otlp/v1/traces"


def test_user_password_and_query_of_an_address_go_to_the_collector_and_nowhere_else(
    ledger: Path,
) -> None:
    record(ledger, quoted_run("run-1"))
    with OtlpReceiver() as receiver:
        host = receiver.url.removeprefix("http://")
        assert export(ledger, endpoint(f"http://me:p%40ss@{host}?token=abc")).runs == 1
        [seen] = receiver.seen
    assert seen.path == "/v1/traces?token=abc"
    assert base64.b64decode(seen.headers["authorization"].removeprefix("Basic ")) == b"me:p@ss"
    assert "me" not in seen.headers["host"]


def test_who_exports_to_the_same_place_is_told_its_address_without_secrets(ledger: Path) -> None:
    record(ledger, quoted_run("run-1"))
    sink = endpoint("http://me:hush@127.0.0.1:9?token=hush")
    with SentRuns(ledger, sink.place, shown=sink.shown).held(), pytest.raises(StorageError) as said:
        export(ledger, sink)
    assert "to http://127.0.0.1:9/v1/traces" in said.value.message
    assert "hush" not in said.value.message


@pytest.mark.parametrize("key", ["secret\nX-Evil: 1", "schlüssel\u20ac"])
def test_a_key_that_no_header_can_hold_is_not_repeated(ledger: Path, key: str) -> None:
    record(ledger, quoted_run("run-1"))
    with OtlpReceiver() as receiver:
        sink = OtlpEndpoint(receiver.url, header="Authorization", value=key)
        with pytest.raises(ConfigError) as failed:
            export(ledger, sink)
        assert receiver.seen == []
    assert key[:5] not in f"{failed.value} {failed.value.hint}"
    assert export(ledger, OtlpFile(ledger / "runs.jsonl")).runs == 1
