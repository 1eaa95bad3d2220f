"""An answer as the ledger remembers it: sentences with verdicts, citations, what was thought of it.

Invariant: what isn't kept any more is empty and never made up: places outlive texts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from copilot.answering.turn import SEARCHED_SHOWN
from copilot.errors import NotFoundError
from copilot.messages import Answer, Citation, Searched, Sentence, Status, Support
from copilot.ports import RunReader
from copilot.runs import RecordedCitation, RunDetail


@dataclass(frozen=True, slots=True)
class Recalled:
    """``left_out``: sentences that were not shown. ``rating``: by the person who asks for it."""

    run_id: str
    answer: Answer
    left_out: tuple[Sentence, ...] = ()
    rating: str = ""
    latency_ms: float = 0.0


def recall(reader: RunReader, run_ids: Iterable[str], *, principal: str) -> list[Recalled]:
    """Those that the ledger knows and that ended. Raises StorageError."""
    found = []
    with reader.at_once() as ledger:
        for run_id in run_ids:
            try:
                detail = ledger.run(run_id)
            except NotFoundError:
                continue
            if detail.summary.id == run_id and detail.summary.status in list(Status):
                found.append(recalled(detail, principal=principal))
    return found


def recalled(detail: RunDetail, *, principal: str) -> Recalled:
    """What a finished run came to."""
    summary = detail.summary
    verdicts = [
        (
            one.action,
            Sentence(one.sentence or "", one.citations, Support(one.support), one.reason or ""),
        )
        for one in detail.verdicts
    ]
    answer = Answer(
        status=Status(summary.status),
        text=detail.answer or "",
        sentences=tuple(said for action, said in verdicts if action == "shown"),
        citations=tuple(map(_citation, detail.citations)),
        searched=tuple(
            Searched(
                hit.passage_id, hit.document_id, hit.path, hit.title, hit.locator, hit.score or 0.0
            )
            for hit in detail.hits[:SEARCHED_SHOWN]
        ),
        notes=tuple(
            one.message for one in detail.warnings if one.origin == "answer" and one.message
        ),
    )
    ratings = [one.rating for one in detail.feedback if one.principal == principal]
    return Recalled(
        run_id=summary.id,
        answer=answer,
        left_out=tuple(said for action, said in verdicts if action == "dropped"),
        rating=ratings[-1] if ratings else "",
        latency_ms=summary.latency_ms or 0.0,
    )


def _citation(one: RecordedCitation) -> Citation:
    return Citation(
        n=one.n,
        passage_id=one.passage_id,
        document_id=one.document_id,
        path=one.path,
        title=one.title,
        heading_path=(),
        locator=one.locator,
        quote=one.quote or "",
        quote_start=one.quote_start,
        quote_end=one.quote_end,
    )
