"""A recorded run as a trace: a span for the run, its search, each request and tool call.

Invariant: ids are derived from the run's own id, so a run that is sent again, after a crash or
to another place, is the same trace there and not a second one.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterator
from datetime import datetime

from copilot.signals import (
    Span,
    SpanEvent,
    TracedAttempt,
    TracedRating,
    TracedRun,
    TracedTool,
    Value,
)
from copilot.telemetry import names

Attributes = dict[str, Value]

_FAILED = frozenset({"failed", "interrupted"})


def spans(run: TracedRun) -> Iterator[Span]:
    """The spans of one run, the root first."""
    trace = trace_id(run.id)
    root = _span_id(run.id, "run")
    yield Span(
        trace_id=trace,
        span_id=root,
        parent_id=b"",
        name=f"{names.WORKFLOW} {run.kind}",
        kind="internal",
        started_at=run.started_at,
        ended_at=run.ended_at,
        attributes=_run_attributes(run),
        events=tuple(_verdicts(run)),
        failed=run.status in _FAILED,
    )
    if run.searched is not None:
        yield _search(run, run.searched, trace, root)
    for attempt in run.attempts:
        yield _request(run, attempt, trace, root)
    for call in run.tools:
        yield _tool(run, call, trace, root)


def rating_span(rating: TracedRating) -> Span:
    """A rating, in the trace of the run that it is of, whenever that was sent."""
    return Span(
        trace_id=trace_id(rating.run_id),
        span_id=_span_id(rating.run_id, rating.record_id),
        parent_id=_span_id(rating.run_id, "run"),
        name=names.RATED,
        kind="internal",
        started_at=rating.rated_at,
        ended_at=rating.rated_at,
        attributes={names.KIND: names.KIND_EVALUATOR, names.RUN_ID: rating.run_id},
        events=(
            SpanEvent(
                name=names.EVALUATION_EVENT,
                at=rating.rated_at,
                attributes={
                    names.EVALUATION_NAME: names.RATING,
                    names.EVALUATION_LABEL: rating.rating,
                },
            ),
        ),
    )


def trace_id(run_id: str) -> bytes:
    """The run's id itself where it is a UUID, so that a trace names its run; else its digest."""
    try:
        return uuid.UUID(run_id).bytes
    except ValueError:
        return hashlib.sha256(run_id.encode("utf-8", "replace")).digest()[:16]


def _span_id(run_id: str, part: str) -> bytes:
    return hashlib.sha256(f"{run_id}\n{part}".encode("utf-8", "replace")).digest()[:8]


def _anonymous(name: str) -> str:
    """Tells one from another, and no more: the name of a conversation is a person's own words,
    and a document's id is its path, which labels may hide from whoever reads a dashboard.
    """
    return hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:16]


def _run_attributes(run: TracedRun) -> Attributes:
    found: Attributes = {
        names.OPERATION: names.WORKFLOW,
        names.WORKFLOW_NAME: run.kind,
        names.KIND: names.KIND_CHAIN,
        names.RUN_ID: run.id,
        names.RUN_KIND: run.kind,
        names.RUN_STATUS: run.status,
        names.FOLLOW_UP: run.follow_up,
        **_usage(run.input_tokens, run.output_tokens, run.cost_microusd),
        **_prompt(run),
    }
    if run.model:
        found[names.LLM_MODEL] = run.model
    if run.conversation:
        found[names.CONVERSATION] = found[names.SESSION] = _anonymous(run.conversation)
    if run.release:
        found[names.RELEASE] = run.release
    if run.index_version is not None:
        found[names.INDEX_VERSION] = run.index_version
    if run.first_token_ms is not None:
        found[names.FIRST_TEXT] = run.first_token_ms / 1000
    if run.error_type:
        found[names.ERROR_TYPE] = run.error_type
    return {**found, **_texts(run)}


def _texts(run: TracedRun) -> Attributes:
    if run.texts is None:
        return {}
    found: Attributes = {}
    for text, role, messages, value in (
        (run.texts.question, "user", names.INPUT_MESSAGES, names.INPUT_VALUE),
        (run.texts.answer, "assistant", names.OUTPUT_MESSAGES, names.OUTPUT_VALUE),
    ):
        if text is not None:
            parts = [{"type": "text", "content": text}]
            found[messages] = json.dumps([{"role": role, "parts": parts}], ensure_ascii=False)
            found[value] = text
    return found


def _search(run: TracedRun, searched: tuple[datetime, datetime], trace: bytes, root: bytes) -> Span:
    attributes: Attributes = {
        names.OPERATION: names.RETRIEVAL,
        names.KIND: names.KIND_RETRIEVER,
        names.DATA_SOURCE: names.INDEX,
        names.TOP_K: len(run.hits),
        names.DOCUMENTS: tuple(_anonymous(hit.document_id) for hit in run.hits),
    }
    if run.index_version is not None:
        attributes[names.INDEX_VERSION] = run.index_version
    for number, hit in enumerate(run.hits):
        attributes[names.retrieved(number, "id")] = hit.passage_id
        if hit.score is not None:
            attributes[names.retrieved(number, "score")] = hit.score
    return Span(
        trace_id=trace,
        span_id=_span_id(run.id, "retrieval"),
        parent_id=root,
        name=f"{names.RETRIEVAL} {names.INDEX}",
        kind="internal",
        started_at=searched[0],
        ended_at=searched[1],
        attributes=attributes,
    )


def _request(run: TracedRun, attempt: TracedAttempt, trace: bytes, root: bytes) -> Span:
    provider = names.provider(attempt.model)
    embeds = attempt.operation == names.EMBEDDINGS
    operation = names.EMBEDDINGS if embeds else names.CHAT
    attributes: Attributes = {
        names.OPERATION: operation,
        names.KIND: names.KIND_EMBEDDING if embeds else names.KIND_LLM,
        names.PROVIDER: provider,
        names.LLM_PROVIDER: provider,
        names.REQUEST_MODEL: attempt.model,
        names.LLM_MODEL: attempt.model,
        **_usage(attempt.input_tokens, attempt.output_tokens, attempt.cost_microusd),
        names.ESTIMATED: attempt.estimated,
        **({} if embeds else _prompt(run)),
    }
    if run.conversation:
        attributes[names.CONVERSATION] = _anonymous(run.conversation)
    if attempt.first_token_ms is not None:
        attributes[names.FIRST_CHUNK] = attempt.first_token_ms / 1000
    failed = attempt.outcome != "ok"
    if failed:
        attributes[names.ERROR_TYPE] = attempt.error_type or names.OTHER
    return Span(
        trace_id=trace,
        span_id=_span_id(run.id, attempt.record_id),
        parent_id=root,
        name=f"{operation} {attempt.model}",
        kind="client",
        started_at=attempt.started_at,
        ended_at=attempt.ended_at,
        attributes=attributes,
        failed=failed,
    )


def _tool(run: TracedRun, call: TracedTool, trace: bytes, root: bytes) -> Span:
    attributes: Attributes = {
        names.OPERATION: names.TOOL,
        names.KIND: names.KIND_TOOL,
        names.TOOL_NAME: call.tool,
        names.INFERENCE_TOOL: call.tool,
        names.TOOL_TYPE: "function",
        names.EFFECT: call.effect,
        names.OUTCOME: call.outcome,
        names.TAINTED: call.tainted,
    }
    failed = call.outcome != "ok"
    if failed:
        attributes[names.ERROR_TYPE] = call.error_type or call.outcome
    return Span(
        trace_id=trace,
        span_id=_span_id(run.id, call.record_id),
        parent_id=root,
        name=f"{names.TOOL} {call.tool}",
        kind="internal",
        started_at=call.started_at,
        ended_at=call.ended_at,
        attributes=attributes,
        failed=failed,
    )


def _usage(input_tokens: int, output_tokens: int, cost_microusd: int | None) -> Attributes:
    """Tokens, and money where a price is known: an unknown one is left out, never 0."""
    found: Attributes = {
        names.INPUT_TOKENS: input_tokens,
        names.OUTPUT_TOKENS: output_tokens,
        names.LLM_INPUT_TOKENS: input_tokens,
        names.LLM_OUTPUT_TOKENS: output_tokens,
        names.LLM_TOTAL_TOKENS: input_tokens + output_tokens,
    }
    if cost_microusd is not None:
        found[names.COST] = cost_microusd
        found[names.LLM_COST] = cost_microusd / 1_000_000
    return found


def _prompt(run: TracedRun) -> Attributes:
    if run.prompt is None:
        return {}
    return {names.PROMPT_NAME: run.prompt.id, names.PROMPT_VERSION: run.prompt.version}


def _verdicts(run: TracedRun) -> Iterator[SpanEvent]:
    for verdict in run.verdicts:
        yield SpanEvent(
            name=names.EVALUATION_EVENT,
            at=verdict.checked_at,
            attributes={
                names.EVALUATION_NAME: names.GROUNDING,
                names.EVALUATION_LABEL: verdict.support,
                names.ACTION: verdict.action,
                names.CITED: verdict.citations,
            },
        )
