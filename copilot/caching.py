"""What the answer cache keeps, and the port behind which it is kept.

Invariant: frozen; a real adapter and a shipped double pass the same contract suite. What blocks is
synchronous, and who answers calls it in a thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, Protocol

from copilot.messages import Answer

if TYPE_CHECKING:
    from copilot.messages import Vector

AnsweredFrom = Literal["exact", "semantic"]

# What clocks may differ by; a zone's hours are less.
_AHEAD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CachedAnswer:
    """An answer and what it was made from.

    ``key`` names all of that, the question included; ``partition`` all but the question's words,
    and is empty where the words alone don't tell what was asked. ``given``: the passages that the
    model read; ``took_ms``: how long it wrote.
    """

    key: str
    partition: str
    index_version: int
    question: str
    principal: str
    run_id: str
    at: datetime
    answer: Answer
    given: tuple[str, ...] = ()
    took_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Near:
    """An answer to a question so similar (cosine)."""

    cached: CachedAnswer
    similarity: float


@dataclass(frozen=True, slots=True)
class Switched:
    """Since when and why the semantic tier is off."""

    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is kept at most; ``checks``: so many of the latest re-checks count."""

    entries: int
    bytes: int
    days: float
    checks: int = 500

    def times(self, now: datetime) -> tuple[datetime, datetime]:
        """Between which an answer was kept that may be given.

        How old one is that a clock dated ahead, nobody knows: it is too old.
        """
        return now - timedelta(days=self.days), now + _AHEAD


@dataclass(frozen=True, slots=True)
class CacheStanding:
    """What there is, and what came of it since it was cleared last.

    ``looks`` counts questions that an answer was looked for, ``exact`` and ``semantic`` those that
    were answered; ``checked`` are the latest re-checks, of which ``wrong`` were false hits.
    """

    entries: int = 0
    bytes: int = 0
    oldest: datetime | None = None
    looks: int = 0
    exact: int = 0
    semantic: int = 0
    saved_microusd: int = 0
    saved_ms: float = 0.0
    checked: int = 0
    wrong: int = 0
    off: Switched | None = None


class AnswerCache(Protocol):
    """Answers by what they were made from, for all processes of a home. Raises StorageError."""

    def exact(self, key: str, *, now: datetime) -> CachedAnswer | None:
        """The answer of this key, if it isn't too old."""
        ...

    def knows(self, question: str) -> bool:
        """Whether an answer to these words is kept, for whomever: no more than a hint."""
        ...

    def nearest(
        self, partition: str, vector: Vector, *, least: float, limit: int, now: datetime
    ) -> Sequence[Near]:
        """Of a partition, those whose questions are at least so similar, the nearest first."""
        ...

    def keep(self, cached: CachedAnswer, vector: Vector | None) -> None:
        """Keep it in the place of one of the same key, within the bounds.

        ``vector`` is the question's, unit length. What was made from an older version of the
        index goes: nobody is given it any more.
        """
        ...

    def looked(
        self,
        found: tuple[str, AnsweredFrom] | None,
        *,
        now: datetime,
        saved_microusd: int = 0,
        saved_ms: float = 0.0,
    ) -> None:
        """Count a look; ``found``: the key of the answer that was given, and by which tier.

        What is too old by now goes.
        """
        ...

    def checked(self, *, right: bool) -> tuple[int, int]:
        """Count a re-check; how many of the latest there are, and how many were wrong."""
        ...

    def off(self) -> Switched | None:
        """Whether the semantic tier was switched off."""
        ...

    def switch(self, off: Switched | None) -> None:
        """Switch the semantic tier off, or on again, with its checks forgotten."""
        ...

    def standing(self) -> CacheStanding: ...

    def clear(self) -> int:
        """Delete all, figures too; how many answers there were."""
        ...

    def forget(self, principal: str, *, dry_run: bool = False) -> int:
        """Leave nothing that this principal asked; how many answers that is."""
        ...

    def drop_but(self, index_version: int) -> int:
        """Delete what was made from another version of the index; how many answers that is.

        Nobody is given it any more, and it may hold words of a document that was removed. Nor is
        an older one kept from now on, whose question was under way meanwhile.
        """
        ...

    def drop_before(self, moment: datetime, *, dry_run: bool = False) -> int:
        """Delete what is older; how many answers that is."""
        ...
