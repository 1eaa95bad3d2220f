"""Makes a recorded run again, against what there was then or what there is now, and compares.

Invariant: whoever replays finds no more than may be found now: the groups are those that both who
asked then and who asks now have, and a document that was closed since stays closed. What it is
compared with is shown as it was recorded. No model is asked but the configured one.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from copilot.answering.turn import Question
from copilot.errors import KnowledgeIndexError, NotFoundError, UsageError
from copilot.events import Event, PromptRendered, RetrievalFinished, RunFinished
from copilot.inputs import AnswerInputs, Retrieval
from copilot.messages import Citation, Passage, Principal, SearchFilter, StoredPassage, Turn
from copilot.reruns import Comparison, Outcome, PlacedHit, Quoted
from copilot.runs import RecordedCitation, RunDetail

if TYPE_CHECKING:
    from copilot.messages import EmbedderIdentity, Vector
    from copilot.ports import PassageIndex, SearchableIndex

E = TypeVar("E")

# What runs did that answer nothing, and what does it again.
_ASKED_NOTHING = {
    "index": ("read documents", "copilot index sync"),
    "extract": ("read a record", "give the text to copilot extract again"),
    "test": ("tried a model", "copilot models test"),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked again. ``index``, ``settings``, ``limit`` and ``retrieval`` are None for those
    of now.

    ``search``: it looked for passages only. ``limit``: how many were looked for. ``notes``
    say what can't be as it was.
    """

    question: Question
    search: bool
    limit: int | None
    index: SearchableIndex | None
    settings: AnswerInputs | None
    notes: tuple[str, ...] = ()
    retrieval: Retrieval | None = None


def plan(
    run: RunDetail,
    index: PassageIndex,
    *,
    who: Principal,
    now: bool,
    program: str,
    model: str = "",
) -> Plan:
    """How ``run`` is to be made again by ``who``; ``model`` is the one that may be asked.

    Raises UsageError for a run that asked nothing, NotFoundError when something that it needs
    isn't kept any more, KnowledgeIndexError.
    """
    summary, inputs = run.summary, run.inputs
    if summary.kind in _ASKED_NOTHING:
        what, hint = _ASKED_NOTHING[summary.kind]
        raise UsageError(f"run {summary.id} {what} and asked nothing", hint=hint)
    if summary.question is None:
        raise NotFoundError(
            f"the question of run {summary.id} isn't kept",
            hint="ledger.bodies decides whether texts are kept, and retention for how long",
        )
    if run.follow_up and not run.history:
        raise NotFoundError(
            f"run {summary.id} answers a follow-up, and the turns before it aren't recorded"
        )
    if any(turn.text is None for turn in run.history):
        raise NotFoundError(f"the turns before the question of run {summary.id} aren't kept")
    before = run.summarised
    if before is not None and before.text is None:
        raise NotFoundError(f"the summary that run {summary.id} was given isn't kept")
    asked = inputs.where if inputs is not None else SearchFilter(principal=who)
    where = replace(asked, principal=_both(asked.principal, who))
    question = Question(
        text=summary.question,
        history=tuple(Turn(turn.role, turn.text or "") for turn in run.history),
        summary=(before.text or "") if before is not None else "",
        where=where,
        kind="replay",
    )
    notes = _notes(run, who, program=program)
    then = None if now else _index_of_then(run, index)
    closed = closed_paths(index, where)
    if lost := sum(hit.path in closed for hit in run.hits):
        notes.append(f"of its hits {lost} are of documents that are closed to you: left out")
    settings = None if now or inputs is None else inputs.settings
    if settings is not None and settings.model not in ("", model):
        notes.append(f"{settings.model} isn't configured any more and isn't asked: it is quoted")
        settings = replace(settings, model="", max_output_tokens=0, temperature=0.0)
    return Plan(
        question=question,
        search=summary.kind == "search" or (inputs is not None and inputs.settings is None),
        limit=None if inputs is None or (now and inputs.settings is not None) else inputs.limit,
        index=None if then is None else StillClosed(then, closed),
        settings=settings,
        notes=tuple(notes),
        retrieval=None if now or inputs is None else inputs.retrieval,
    )


def passage_then(
    run: RunDetail, passage_id: str, index: PassageIndex, *, who: Principal
) -> Passage:
    """A passage as the run saw it, if ``who`` may see it by now.

    Raises NotFoundError when it isn't kept or may not be shown, KnowledgeIndexError.
    """
    asked = run.inputs.where if run.inputs is not None else SearchFilter(principal=who)
    where = SearchFilter(principal=_both(asked.principal, who))
    then = StillClosed(_index_of_then(run, index), closed_paths(index, where))
    found = then.fetch([passage_id], where=where)
    if not found:
        raise NotFoundError("the passage isn't there any more, or is closed to you")
    return found[0].passage


def _both(asked: Principal, who: Principal) -> Principal:
    return replace(who, groups=tuple(group for group in asked.groups if group in who.groups))


def _notes(run: RunDetail, who: Principal, *, program: str) -> list[str]:
    notes: list[str] = []
    inputs = run.inputs
    if inputs is None:
        return ["it was recorded without its settings and filters: those of now are used"]
    if lost := sorted(set(inputs.where.principal.groups) - set(who.groups)):
        notes.append(f"it was asked by one of {', '.join(lost)}, which you aren't in")
    if inputs.attached:
        notes.append(f"{', '.join(inputs.attached)} was attached, and isn't searched again")
    if inputs.program != program:
        notes.append(f"it was made by copilot {inputs.program}; this is {program}")
    return notes


def _index_of_then(run: RunDetail, index: PassageIndex) -> SearchableIndex:
    if run.index_version is None:
        raise NotFoundError(f"run {run.summary.id} ended before it searched", hint=_now(run))
    try:
        return index.at(run.index_version, seen_at=_ended(run))
    except NotFoundError as error:
        hint = f"{error.hint}; {_now(run)}".removeprefix("; ")
        raise NotFoundError(error.message, hint=hint) from error


def closed_paths(index: PassageIndex, where: SearchFilter) -> frozenset[str]:
    """The documents that may not be seen by now."""
    labels = set(where.principal.labels)
    documents = index.documents()
    return frozenset(one.path for one in documents if one.labels and labels.isdisjoint(one.labels))


def _now(run: RunDetail) -> str:
    return f"copilot runs replay {run.summary.id} --now asks today's index with today's settings"


def _ended(run: RunDetail) -> datetime:
    return run.summary.started_at + timedelta(milliseconds=run.summary.latency_ms or 0.0)


class StillClosed:
    """ports.SearchableIndex: an older version, less the documents that are closed by now."""

    def __init__(self, index: SearchableIndex, closed: frozenset[str]) -> None:
        self._index = index
        self._closed = closed

    def identity(self) -> EmbedderIdentity | None:
        return self._index.identity()

    def version(self) -> int:
        return self._index.version()

    def count_passages(self) -> int:
        return self._index.count_passages()

    def search_dense(
        self, vector: Vector, *, limit: int, where: SearchFilter
    ) -> list[tuple[str, float]]:
        return self._index.search_dense(vector, limit=limit, where=where)

    def search_lexical(
        self, query: str, *, limit: int, where: SearchFilter
    ) -> list[tuple[str, float]]:
        return self._index.search_lexical(query, limit=limit, where=where)

    def fetch(self, passage_ids: Sequence[str], *, where: SearchFilter) -> list[StoredPassage]:
        found = self._index.fetch(passage_ids, where=where)
        return [one for one in found if one.passage.path not in self._closed]


def told(error: KnowledgeIndexError, run: RunDetail) -> KnowledgeIndexError:
    """An older version that can't be searched, with the way on."""
    return KnowledgeIndexError(error.message, hint=_now(run))


# --- comparing -------------------------------------------------------------------------


def then_of(run: RunDetail) -> Outcome:
    return Outcome(
        run_id=run.summary.id,
        status=run.summary.status,
        model=run.summary.model,
        prompt=run.prompt,
        index_version=run.index_version,
        hits=tuple(PlacedHit(h.rank, h.passage_id, h.path, h.score) for h in run.hits),
        answer=run.answer,
        citations=_quoted(run.citations),
    )


def now_of(events: Sequence[Event]) -> Outcome:
    """What the events of a run that ended came to."""
    found = _last(events, RetrievalFinished)
    rendered, finished = _last(events, PromptRendered), _last(events, RunFinished)
    answer = finished.answer if finished is not None else None
    return Outcome(
        run_id=finished.run_id if finished is not None else "",
        status=finished.status.value if finished is not None else "failed",
        model=answer.usage.model if answer is not None else "",
        prompt=rendered.prompt if rendered is not None else None,
        index_version=found.index_version if found is not None else None,
        hits=tuple(
            PlacedHit(h.rank, h.passage.id, h.passage.path, h.score)
            for h in (found.hits if found is not None else ())
        ),
        answer=answer.text if answer is not None else None,
        citations=_quoted(answer.citations) if answer is not None else (),
    )


def compare(then: Outcome, now: Outcome) -> Comparison:
    """The difference between two runs of one question."""
    before = {hit.passage_id: hit for hit in then.hits}
    after = {hit.passage_id: hit for hit in now.hits}
    return Comparison(
        then=then,
        now=now,
        gone=tuple(hit for hit in then.hits if hit.passage_id not in after),
        new=tuple(hit for hit in now.hits if hit.passage_id not in before),
        moved=tuple(
            (before[hit.passage_id], hit)
            for hit in now.hits
            if hit.passage_id in before and hit != before[hit.passage_id]
        ),
        answer=tuple(_lines_of_difference(then.answer or "", now.answer or "")),
    )


def _lines_of_difference(then: str, now: str) -> list[str]:
    if then == now:
        return []
    lines = difflib.unified_diff(then.splitlines(), now.splitlines(), "then", "now", lineterm="")
    return list(lines)


def _quoted(citations: Sequence[Citation | RecordedCitation]) -> tuple[Quoted, ...]:
    return tuple(
        Quoted(one.n, one.passage_id, one.quote, one.quote_start, one.quote_end)
        for one in citations
    )


def _last(events: Sequence[Event], kind: type[E]) -> E | None:
    return next((event for event in reversed(events) if isinstance(event, kind)), None)
