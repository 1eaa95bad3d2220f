"""A run reaches a collector as spans under their names, and without texts unless wanted."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span as SpanMessage
from opentelemetry.proto.trace.v1.trace_pb2 import Status as SpanStatus

from copilot.adapters.ledger.spool import SpoolRunWriter
from copilot.events import ModelAttempt, RunStopped
from copilot.guard.redaction import redact
from copilot.messages import Usage
from copilot.records import ToolCalled
from copilot.telemetry import names
from copilot.telemetry.tracing import trace_id
from copilot.testing.run_events import QUOTE, STARTED_AT, quoted_run, written_run
from tests.integration.otlp_exports import RUN, endpoint, export, record
from tests.otlp_receiver import OtlpReceiver, attributes


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "ledger"


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
