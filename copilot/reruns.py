"""How a run that was made again differs from what it was then: values, and the words for them.

Invariant: frozen, JSON-ready through ``codec``; a text that isn't kept any more is None.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from copilot.messages import PromptVersion
from copilot.places import display_path


@dataclass(frozen=True, slots=True)
class PlacedHit:
    """A hit as two runs can be compared by it."""

    rank: int
    passage_id: str
    path: str
    score: float | None


@dataclass(frozen=True, slots=True)
class Quoted:
    """A citation as two runs can be compared by it; a text that isn't kept is None."""

    n: int
    passage_id: str
    quote: str | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to, then or now; a text that isn't kept is None."""

    run_id: str
    status: str
    model: str
    prompt: PromptVersion | None
    index_version: int | None
    hits: tuple[PlacedHit, ...]
    answer: str | None
    citations: tuple[Quoted, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """``answer`` is the unified diff of the answers; empty when they are the same.

    ``gone`` and ``new`` are hits of only one of the two, ``moved`` those that changed their rank
    or score, then and now.
    """

    then: Outcome
    now: Outcome
    gone: tuple[PlacedHit, ...]
    new: tuple[PlacedHit, ...]
    moved: tuple[tuple[PlacedHit, PlacedHit], ...]
    answer: tuple[str, ...]

    @property
    def same_hits(self) -> bool:
        return not (self.gone or self.new or self.moved)

    @property
    def same_answer(self) -> bool:
        """To the byte, with the same quotes of the same places."""
        return (self.then.answer, self.then.citations) == (self.now.answer, self.now.citations)

    @property
    def same(self) -> bool:
        return self.same_hits and self.same_answer and self.then.status == self.now.status


@dataclass(frozen=True, slots=True)
class Replayed:
    """A run that was made again. ``today``: against the index and the settings of now.

    ``search``: it looked for passages only; ``notes`` say what couldn't be as it was.
    """

    question: str
    today: bool
    search: bool
    notes: tuple[str, ...]
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class Told:
    """A line on one thing that may differ, under a label; ``lines`` below it say more."""

    label: str
    what: str
    lines: tuple[str, ...] = ()


def told(replayed: Replayed) -> Iterator[Told]:
    """What is the same and what differs, in words; not yet safe for a terminal."""
    found = replayed.comparison
    then, again = found.then, found.now
    yield Told("run", then.run_id)
    yield Told("question", replayed.question)
    yield Told("index", _index(then, again, today=replayed.today))
    yield Told("model", _change(then.model, again.model))
    if then.prompt is not None or again.prompt is not None:
        prompts = [
            "none" if p is None else f"{p.id} {p.version}" for p in (then.prompt, again.prompt)
        ]
        changed = then.prompt != again.prompt and prompts[0] == prompts[1]
        yield Told("prompt", _change(*prompts) + (", its text has changed" if changed else ""))
    yield Told("status", _change(then.status, again.status))
    yield Told("hits", _told_hits(found), tuple(_hit_lines(found)))
    if not replayed.search:
        yield Told("answer", _told_answer(found), tuple(_in_words(found.answer)))
    for note in replayed.notes:
        yield Told("note", note)


def _index(then: Outcome, again: Outcome, *, today: bool) -> str:
    if not today:
        return f"version {again.index_version}, as it was"
    if then.index_version == again.index_version:
        return f"version {again.index_version}, the latest"
    return f"version {then.index_version} then, {again.index_version} now"


def _change(then: str, now: str) -> str:
    return then if then == now else f"{then or 'none'} → {now or 'none'}"


def _told_hits(found: Comparison) -> str:
    count = len(found.now.hits)
    if found.same_hits:
        return f"the same {count}, with the same scores" if count else "none, as before"
    parts = [
        f"{len(some)} {what}"
        for some, what in (
            (found.gone, "gone (-)"),
            (found.new, "new (+)"),
            (found.moved, "moved"),
        )
        if some
    ]
    return f"{', '.join(parts)}, of {len(found.then.hits)} then and {count} now"


def _hit_lines(found: Comparison) -> Iterator[str]:
    lines = [
        *((hit.rank, f"- {_place(hit)}") for hit in found.gone),
        *((hit.rank, f"+ {_place(hit)}") for hit in found.new),
        *(
            (hit.rank, f"  {_place(hit)}, was {before.rank}. ({_score(before)})")
            for before, hit in found.moved
        ),
    ]
    lines.sort(key=lambda one: one[0])
    yield from (line for _, line in lines)


def _place(hit: PlacedHit) -> str:
    return f"{hit.rank}. {display_path(hit.path)} ({_score(hit)})"


def _score(hit: PlacedHit) -> str:
    return "-" if hit.score is None else f"{hit.score:.3f}"


def _in_words(difference: Sequence[str]) -> Iterator[str]:
    """A unified diff without its figures; dots where lines that are the same are left out."""
    for number, line in enumerate(difference):
        if not line.startswith("@@"):
            yield line
        elif number > 2:
            yield "…"


def _told_answer(found: Comparison) -> str:
    if found.then.answer is None and found.now.answer is not None:
        ended = found.then.status in ("answered", "degraded", "abstained")
        return "the one of then isn't kept" if ended else "then there was none"
    if found.same_answer:
        return "the same, to the byte"
    return "differs" if found.answer else "the same words, cited from elsewhere"
