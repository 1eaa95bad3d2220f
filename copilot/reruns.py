"""How a run that was made again differs from what it was then: values that front ends show.

Invariant: frozen, JSON-ready through ``codec``; a text that isn't kept any more is None.
"""

from __future__ import annotations

from dataclasses import dataclass

from copilot.messages import PromptVersion


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
