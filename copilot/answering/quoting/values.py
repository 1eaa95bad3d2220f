"""What the quoting answerer hands on: verbatim quotes, the score of each unit, its confidence.

Invariant: a quote is a span of its passage and of nothing else; no quote overlaps another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from copilot.messages import BlockKind, Passage

UnitKind = Literal[
    "sentence", "sentences", "paragraph", "item", "list", "procedure", "code", "rows"
]


@dataclass(frozen=True, slots=True)
class Quote:
    """``passage.text[start:end]``, to be shown and cited as it stands."""

    passage: Passage
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.passage.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Piece:
    """The smallest thing that may be quoted: a sentence, a list item, code, a table row.

    ``passage`` counts the passages looked at, ``block`` the spans of that passage; ``rows``
    are the sentence vectors that the piece covers (half-open). ``words`` are separated by space.
    """

    passage: int
    block: int
    start: int
    end: int
    kind: BlockKind
    level: int
    words: int
    rows: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Unit:
    """Pieces that make sense together. ``core`` answers; ``lead`` introduces it.

    Both hold indices into the pieces of ``passage``, rising.
    """

    passage: int
    kind: UnitKind
    core: tuple[int, ...]
    lead: tuple[int, ...] = ()

    @property
    def pieces(self) -> tuple[int, ...]:
        return (*self.lead, *self.core)


@dataclass(frozen=True, slots=True)
class ScoredUnit:
    """A unit as ``--explain`` shows it: its span, features, score, and whether it was said."""

    passage_id: str
    kind: UnitKind
    start: int
    end: int
    words: int
    score: float
    features: Mapping[str, float]
    chosen: bool


@dataclass(frozen=True, slots=True)
class QuotedAnswer:
    """Quotes in reading order; ``confidence`` in [0, 1] that the documents hold the answer.

    When ``abstain`` is true the quotes are what would have been said, for ``--explain`` only.
    ``reason`` says in plain words why it abstains; ``signals`` are what it was decided on.
    ``passed_over`` says of each passage that was read why nothing of it is said.
    """

    quotes: tuple[Quote, ...]
    confidence: float
    abstain: bool
    reason: str = ""
    words: int = 0
    procedure: bool = False
    signals: Mapping[str, float] = field(default_factory=dict)
    units: tuple[ScoredUnit, ...] = ()
    passed_over: Mapping[str, str] = field(default_factory=dict)
