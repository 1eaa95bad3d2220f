"""Runs leave for a collector once each, whatever fails on the way, and without texts."""

from __future__ import annotations

import base64
import errno
import json
import os
import threading
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from google.protobuf.json_format import ParseDict
from opentelemetry.proto.trace.v1.trace_pb2 import Span as SpanMessage
from opentelemetry.proto.trace.v1.trace_pb2 import Status as SpanStatus
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

from copilot.adapters.ledger.sent import SENT_FOLDER, SentRuns
from copilot.adapters.ledger.spool import SpoolRunWriter
from copilot.adapters.ledger.traces import LedgerTraces
from copilot.adapters.telemetry.otlp_file import OtlpFile
from copilot.adapters.telemetry.otlp_http import OtlpEndpoint
from copilot.errors import ConfigError, StorageError, ToolError, UsageError
from copilot.events import Event, ModelAttempt, RunStarted, RunStopped
from copilot.guard.redaction import redact
from copilot.messages import Usage
from copilot.outlets import SpanSink
from copilot.records import FeedbackGiven, ToolCalled
from copilot.telemetry import exporting, names
from copilot.telemetry.exporting import Exported, export_traces
from copilot.telemetry.tracing import trace_id
from copilot.testing.openai_server import refused_url
from copilot.testing.run_events import QUOTE, STARTED_AT, quoted_run, written_run
from tests.otlp_receiver import OtlpReceiver, Reply, attributes

RUN = "019a0000-0001-7000-8000-000000000001"


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "ledger"


def record(ledger: Path, *runs: list[Event | RunStopped] | list[Event]) -> None:
    writer = SpoolRunWriter(ledger, bodies=True)
    for events in runs:
        first = events[0]
        assert isinstance(first, RunStarted)
        for event in events:
            writer.append(first.run_id, event)
    writer.close()


def export(ledger: Path, sink: SpanSink, **options: object) -> Exported:
    log = SentRuns(ledger, sink.place, shown=sink.shown)
    return export_traces(LedgerTraces(ledger), sink, log, **options)  # type: ignore[arg-type]


def endpoint(url: str) -> OtlpEndpoint:
    return OtlpEndpoint(url, header="Authorization", value=None)


def test_a_collector_reads_a_run_its_search_and_each_request(ledger: Path) -> None:
    record(ledger, written_run(RUN))
    with OtlpReceiver() as receiver:
        done = export(ledger, endpoint(receiver.url))
        [message] = [received.message for received in receiver.accepted]
        root, search, failed, written = receiver.spans
    assert (done.runs, done.spans, done.before, done.rejected) == (1, 4, 0, 0)
    [resource] = message.resource_spans
    assert attributes(resource.resource)[names.SERVICE_NAME] == "copilot"
    assert resource.scope_spans[0].schema_url == names.GENAI_SCHEMA
    assert [span.name for span in (root, search, failed, written)] == [
        "invoke_workflow ask",
        "retrieval copilot-index",
        "chat openai/gpt-5-mini",
        "chat openai/gpt-5-mini",
    ]
    assert {span.trace_id for span in (root, search, failed, written)} == {trace_id(RUN)}
    assert {span.parent_span_id for span in (search, failed, written)} == {root.span_id}
    assert len({span.span_id for span in (root, search, failed, written)}) == 4
    began = (STARTED_AT - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000
    assert (root.start_time_unix_nano, root.end_time_unix_nano) == (began, began + 10**9)
    assert (search.end_time_unix_nano - search.start_time_unix_nano) == 14_000_000
    assert written.end_time_unix_nano - written.start_time_unix_nano == 900_000_000
    assert (failed.kind, root.kind) == (
        SpanMessage.SPAN_KIND_CLIENT,
        SpanMessage.SPAN_KIND_INTERNAL,
    )
    assert failed.status.code == SpanStatus.STATUS_CODE_ERROR
    assert root.status.code == SpanStatus.STATUS_CODE_UNSET


def test_tokens_money_scores_and_verdicts_arrive_under_their_names(ledger: Path) -> None:
    record(ledger, written_run(RUN))
    with OtlpReceiver() as receiver:
        export(ledger, endpoint(receiver.url))
        root, search, failed, written = receiver.spans
    told = attributes(written)
    assert (told["gen_ai.usage.input_tokens"], told["gen_ai.usage.output_tokens"]) == (900, 40)
    assert (told["copilot.cost.microusd"], told["llm.cost.total"]) == (1_234, 0.001234)
    assert told["copilot.usage.estimated"] is False
    assert told["gen_ai.response.time_to_first_chunk"] == 0.21
    assert (told["gen_ai.provider.name"], told["gen_ai.prompt.version"]) == ("openai", "3")
    assert attributes(failed)["error.type"] == "ModelRateLimitError"
    assert attributes(root)["copilot.run.id"] == RUN
    found = attributes(search)
    assert found["gen_ai.retrieval.top_k"] == 5
    assert found["retrieval.documents.1.document.id"] == "passage-2"
    assert found["retrieval.documents.1.document.score"] == 0.5
    assert [attributes(event) for event in root.events] == [
        {
            "gen_ai.evaluation.name": "grounding",
            "gen_ai.evaluation.score.label": support,
            "copilot.verdict.action": action,
            "copilot.citations": citations,
        }
        for support, action, citations in (("supported", "shown", 2), ("unsupported", "dropped", 0))
    ]


def test_an_unknown_price_is_left_out_and_never_zero(ledger: Path) -> None:
    record(ledger, written_run(RUN, cost_microusd=None))
    with OtlpReceiver() as receiver:
        export(ledger, endpoint(receiver.url))
        written = receiver.spans[-1]
    assert not {names.COST, names.LLM_COST} & set(attributes(written))


def test_a_run_that_raised_is_an_error(ledger: Path) -> None:
    stopped = RunStopped(RUN, "failed", "KnowledgeIndexError", "there is no index", 8.0)
    record(ledger, [*quoted_run(RUN)[:1], stopped])
    with OtlpReceiver() as receiver:
        export(ledger, endpoint(receiver.url))
        [root] = receiver.spans
    assert root.status.code == SpanStatus.STATUS_CODE_ERROR
    assert attributes(root)["error.type"] == "KnowledgeIndexError"


def test_a_count_of_our_own_is_marked(ledger: Path) -> None:
    usage = Usage("m", 10, 2, 77, estimated=True)
    broken = ModelAttempt("m", "failed", "ModelStreamError", usage, 1.0, 2.0)
    record(ledger, [*quoted_run(RUN)[:1], broken])
    with OtlpReceiver() as receiver:
        export(ledger, endpoint(receiver.url))
        told = attributes(receiver.spans[-1])
    assert (told["copilot.cost.microusd"], told["copilot.usage.estimated"]) == (77, True)


def test_an_embedding_by_api_is_a_span_of_its_own_kind(ledger: Path) -> None:
    usage = Usage("openai/embedder", 10, 0, 4)
    asked = ModelAttempt("openai/embedder", "ok", "", usage, None, 2.0, operation="embeddings")
    record(ledger, [*quoted_run(RUN)[:1], asked])
    with OtlpReceiver() as receiver:
        export(ledger, endpoint(receiver.url))
        span = receiver.spans[-1]
    told = attributes(span)
    assert span.name == "embeddings openai/embedder"
    assert told["gen_ai.operation.name"] == "embeddings"
    assert told["openinference.span.kind"] == "EMBEDDING"


def test_a_call_of_a_tool_arrives_without_what_it_was_given(ledger: Path) -> None:
    denied = ToolCalled(
        "tickets.create", "write", "denied", tainted=True, latency_ms=3.0, arguments='{"to": "Bob"}'
    )
    writer = SpoolRunWriter(ledger, bodies=True)
    writer.append(RUN, quoted_run(RUN)[0])
    writer.append(RUN, denied)
    writer.close()
    with OtlpReceiver() as receiver:
        export(ledger, endpoint(receiver.url))
        [_, tool] = receiver.spans
        assert b"Bob" not in receiver.seen[0].body
    assert (tool.name, tool.status.code) == (
        "execute_tool tickets.create",
        SpanStatus.STATUS_CODE_ERROR,
    )
    told = attributes(tool)
    assert (told["gen_ai.tool.name"], told["error.type"]) == ("tickets.create", "denied")
    assert (told["copilot.tool.effect"], told["copilot.tool.tainted"]) == ("write", True)


def test_nothing_that_a_person_or_a_model_wrote_leaves_unasked(ledger: Path) -> None:
    record(ledger, written_run(RUN), quoted_run("run-2", question="Is Bob ill?"))
    with OtlpReceiver() as receiver:
        export(ledger, endpoint(receiver.url))
        sent = b"".join(received.body for received in receiver.seen)
    # "morning" is what the person called the conversation, and a document's id is its path
    for text in (
        *("Is Bob ill?", "And after that?", QUOTE, "morning", "slow down"),
        *("Runbook", "/handbook", "document-1", "local"),
    ):
        assert text.encode() not in sent
    assert RUN.encode() in sent


def test_texts_leave_when_asked_for_and_then_redacted(ledger: Path) -> None:
    record(ledger, quoted_run(RUN, question="Why is bob@example.org locked out?"))
    with OtlpReceiver() as receiver:
        export(ledger, endpoint(receiver.url), redact=lambda text: redact(text).text)
        told = attributes(receiver.spans[0])
    assert told["input.value"] == "Why is [email] locked out?"
    assert json.loads(told["gen_ai.input.messages"])[0]["parts"][0]["content"] == (
        "Why is [email] locked out?"
    )
    assert told["output.value"] == f"{QUOTE} [1]"


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


# --- files ------------------------------------------------------------------------------


def test_a_file_reads_back_as_what_a_collector_gets(ledger: Path, tmp_path: Path) -> None:
    record(ledger, written_run(RUN))
    file = tmp_path / "runs.jsonl"
    with OtlpReceiver() as receiver:
        export(ledger, endpoint(receiver.url))
        expected = receiver.accepted[0].message
    export(ledger, OtlpFile(file))
    [line] = file.read_text(encoding="utf-8").splitlines()
    plain = json.loads(line)
    spans = plain["resourceSpans"][0]["scopeSpans"][0]["spans"]
    assert spans[0]["traceId"] == RUN.replace("-", "")
    for span in spans:
        for name in ("traceId", "spanId", "parentSpanId"):
            if name in span:
                # JSON of protobuf has bytes in base64, where OTLP has them in hexadecimal
                span[name] = base64.b64encode(bytes.fromhex(span[name])).decode()
    assert ParseDict(plain, TracesData()).resource_spans == expected.resource_spans
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_file_grows_by_what_is_new_and_loses_a_line_that_was_never_whole(
    ledger: Path, tmp_path: Path
) -> None:
    file = tmp_path / "runs.jsonl"
    record(ledger, quoted_run("run-1"))
    export(ledger, OtlpFile(file))
    file.write_bytes(file.read_bytes() + b'{"resourceSpans":[{"res')
    record(ledger, quoted_run("run-2"))
    assert export(ledger, OtlpFile(file)).runs == 1
    assert len([json.loads(line) for line in file.read_bytes().splitlines()]) == 2


def test_a_write_that_fails_takes_nothing_of_what_another_home_writes_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, real_write = tmp_path / "runs.jsonl", os.write
    for home in ("one", "other"):
        record(tmp_path / home, quoted_run(f"run-{home}"))
    half, done = threading.Event(), threading.Event()

    def fills_the_disk(descriptor: int, line: bytes) -> int:
        if threading.current_thread() is not failing or not line.startswith(b'{"resource'):
            return real_write(descriptor, line)
        real_write(descriptor, line[:-10])
        half.set()
        done.wait(0.5)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def fail() -> None:
        with pytest.raises(StorageError, match="No space left"):
            export(tmp_path / "one", OtlpFile(file))

    failing = threading.Thread(target=fail)
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", fills_the_disk)
        failing.start()
        assert half.wait(30)
        assert export(tmp_path / "other", OtlpFile(file)).runs == 1
        done.set()
        failing.join()
    assert export(tmp_path / "one", OtlpFile(file)).runs == 1
    assert len([json.loads(line) for line in file.read_bytes().splitlines()]) == 2


def test_a_file_of_something_else_is_left_alone(ledger: Path, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("mine\n", encoding="utf-8")
    record(ledger, quoted_run("run-1"))
    with pytest.raises(UsageError, match=r"notes\.txt"):
        export(ledger, OtlpFile(file))
    assert file.read_text(encoding="utf-8") == "mine\n"


def test_a_pipe_is_no_file(ledger: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    record(ledger, quoted_run("run-1"))
    with pytest.raises(UsageError, match="is no file"):
        export(ledger, OtlpFile(tmp_path / "pipe"))


def test_a_file_that_cannot_be_written_loses_nothing(ledger: Path, tmp_path: Path) -> None:
    record(ledger, quoted_run("run-1"))
    with pytest.raises(StorageError, match="can't be written"):
        export(ledger, OtlpFile(tmp_path / "missing" / "runs.jsonl"))
    (tmp_path / "missing").mkdir()
    assert export(ledger, OtlpFile(tmp_path / "missing" / "runs.jsonl")).runs == 1


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
