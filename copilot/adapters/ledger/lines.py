"""One event or record as one line of a spool file, and back to what the merge takes.

Invariant: texts stand only under ``bodies``, by digest; without bodies a line holds digests,
names, places and figures, and nothing that a person or a model wrote.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, replace
from datetime import datetime

from copilot.adapters.ledger.record_lines import describe_record
from copilot.adapters.ledger.texts import Texts, number
from copilot.codec import to_plain
from copilot.events import (
    Arrival,
    AskedWith,
    CitationChecked,
    DocumentIndexed,
    Event,
    HitsWeighed,
    ModelAttempt,
    ModelChosen,
    PromptRendered,
    QueryRewritten,
    RetrievalFinished,
    RunFinished,
    RunStarted,
    RunStopped,
    SyncFinished,
    UsageReported,
    Warned,
)
from copilot.messages import Answer, Citation, Hit, Usage
from copilot.records import Record

FORMAT = 1

Data = dict[str, object]

_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)

# Before the colon: any other first word may be someone's own.
_ERROR_NAME = re.compile(r"([A-Za-z_]\w*Error)(?::|\Z)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Line:
    """A line that a merge understood. ``text`` is the JSON as it stands in the file."""

    id: str
    text: str


class UnknownLineError(Exception):
    """A line that isn't one of ours. ``newer``: it is, but of a later format."""

    def __init__(self, *, newer: bool) -> None:
        super().__init__("a later format" if newer else "not a ledger line")
        self.newer = newer


def encode_line(
    event: Event | RunStopped | Record, *, record_id: str, run_id: str, at: datetime, bodies: bool
) -> bytes | None:
    """The line for ``event``, with its newline; None for an event that isn't recorded."""
    texts = Texts(keep=bodies)
    described = (
        describe_record(event, texts) if isinstance(event, Record) else _describe(event, texts)
    )
    if described is None:
        return None
    kind, data = described
    record: Data = {
        "v": FORMAT,
        "id": record_id,
        "run": run_id,
        "at": _micros(at),
        "kind": kind,
        "data": data,
        "bodies": texts.kept,
    }
    return _JSON.encode(record).encode("utf-8", "replace") + b"\n"


def decode_line(raw: bytes) -> Line:
    """Check that a line is whole and ours. Raises UnknownLineError."""
    try:
        text = raw.decode("utf-8")
        record = json.loads(text)
    except (ValueError, RecursionError) as error:
        # Brackets within brackets without end run into Python's own limit.
        raise UnknownLineError(newer=False) from error
    if not isinstance(record, dict) or not isinstance(record.get("v"), int):
        raise UnknownLineError(newer=False)
    if record["v"] > FORMAT:
        raise UnknownLineError(newer=True)
    whole = (
        all(isinstance(record.get(key), str) for key in ("id", "run", "kind"))
        and isinstance(record.get("at"), int)
        and all(isinstance(record.get(key), dict) for key in ("data", "bodies"))
    )
    if not whole:
        raise UnknownLineError(newer=False)
    return Line(id=record["id"], text=text)


def _describe(event: Event | RunStopped, texts: Texts) -> tuple[str, Data] | None:
    """The kind and the data of a record; None for what a front end shows in passing."""
    return _beginning(event, texts) or _model_side(event, texts) or _end(event, texts)


def _beginning(event: Event | RunStopped, texts: Texts) -> tuple[str, Data] | None:
    match event:
        case RunStarted():
            return "run_started", {
                "kind": event.kind,
                "question": texts(event.question),
                "conversation": event.conversation,
                "principal": event.principal,
                "release": event.release,
                "started_at": _micros(event.started_at),
            }
        case AskedWith(inputs=inputs, history=history, summary=summary):
            # Whose name it is stands with the run, once.
            nameless = replace(inputs.where, principal=replace(inputs.where.principal, name=""))
            before = [("summary", summary)] if summary else []
            told = [*before, *((turn.role, turn.text) for turn in history)]
            return "asked_with", {
                "history": [{"role": role, "text": texts(text)} for role, text in told],
                "inputs": to_plain(replace(inputs, where=nameless)),
            }
        case QueryRewritten():
            return "query_rewritten", {
                "queries": texts.all(event.queries),
                "follow_up": event.follow_up,
            }
        case RetrievalFinished():
            return "retrieval_finished", {
                "hits": [_hit(hit) for hit in event.hits],
                "index_version": event.index_version,
                "latency_ms": number(event.latency_ms),
            }
        case DocumentIndexed(arrival=Arrival() as arrival):
            return "document_indexed", {
                "source": arrival.source,
                "changed_at": _micros(arrival.changed_at),
                "answerable_at": _micros(arrival.answerable_at),
            }
        case _:
            return None


def _model_side(event: Event | RunStopped, texts: Texts) -> tuple[str, Data] | None:
    match event:
        case PromptRendered(prompt=prompt):
            if event.template:
                texts(event.template)  # by the prompt's own digest
            return "prompt_rendered", {
                "id": prompt.id,
                "version": prompt.version,
                "digest": prompt.digest,
                "passages": event.passages,
            }
        case ModelChosen():
            return "model_chosen", {
                "model": event.model,
                "reason": texts.if_any(event.reason),
                "route": event.route,
            }
        case ModelAttempt():
            return "model_attempt", _attempt(event, texts)
        case CitationChecked():
            return "citation_checked", {
                "sentence": texts(event.sentence),
                "support": event.support.value,
                "reason": texts.if_any(event.reason),
                "action": event.action,
                "citations": [citation.n for citation in event.citations],
            }
        case _:
            return None


def _end(event: Event | RunStopped, texts: Texts) -> tuple[str, Data] | None:
    match event:
        case Warned():
            return "warned", {"message": texts(event.message), "hint": texts.if_any(event.hint)}
        case HitsWeighed():
            return "hits_weighed", {"fates": to_plain(event.fates)}
        case UsageReported():
            return "usage_reported", _usage(event.usage)
        case RunFinished():
            return "run_finished", {
                "status": event.status.value,
                "latency_ms": number(event.latency_ms),
                "first_token_ms": number(event.first_token_ms),
                **(_answer(event.answer, texts) if event.answer is not None else {}),
            }
        case RunStopped():
            return "run_stopped", {
                "status": event.status,
                "error_type": event.error,
                "error": texts.if_any(event.message),
                "latency_ms": number(event.latency_ms),
            }
        case SyncFinished():
            return "sync_finished", dict(to_plain(event))
        case _:
            return None


def _answer(answer: Answer, texts: Texts) -> Data:
    return {
        "answer": texts(answer.text),
        "citations": [_citation(citation, texts) for citation in answer.citations],
        "notes": texts.all(answer.notes),
        "usage": _usage(answer.usage),
    }


def _hit(hit: Hit) -> Data:
    return {
        "rank": hit.rank,
        "passage_id": hit.passage.id,
        "document_id": hit.passage.document_id,
        "path": hit.passage.path,
        "title": hit.passage.title,
        "locator": to_plain(hit.passage.locator),
        "score": number(hit.score),
        "scores": {name: score for name, score in hit.scores.items() if math.isfinite(score)},
    }


def _citation(citation: Citation, texts: Texts) -> Data:
    return {
        "n": citation.n,
        "passage_id": citation.passage_id,
        "document_id": citation.document_id,
        "path": citation.path,
        "title": citation.title,
        "locator": to_plain(citation.locator),
        "quote": texts(citation.quote),
        "quote_start": citation.quote_start,
        "quote_end": citation.quote_end,
    }


def _attempt(event: ModelAttempt, texts: Texts) -> Data:
    named = _ERROR_NAME.match(event.error)
    return {
        "model": event.model,
        "outcome": event.outcome,
        "error_type": named[1] if named else "",
        "error": texts.if_any(event.error),
        "usage": _usage(event.usage) if event.usage is not None else None,
        "first_token_ms": number(event.first_token_ms),
        "latency_ms": number(event.latency_ms),
        "operation": event.operation,
    }


def _usage(usage: Usage) -> Data:
    return {
        "model": usage.model,
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cost_microusd": usage.cost_microusd,
        "estimated": usage.estimated,
        "saved_tokens": usage.saved_tokens,
    }


def _micros(moment: datetime) -> int:
    """Microseconds since the epoch, exactly."""
    whole = int(moment.replace(microsecond=0).timestamp())
    return whole * 1_000_000 + moment.microsecond
