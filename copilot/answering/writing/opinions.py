"""Asks a model whether a sentence that the check let pass by its words really stands there.

Invariant: it can only refuse: what the check refused is never asked about, and a model that fails
or says neither yes nor no changes nothing. It is asked a limited number of times for one answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from copilot.answering.aside import Aside
from copilot.answering.writing.judging import Judged
from copilot.answering.writing.packing import fenced
from copilot.events import Event
from copilot.messages import Passage, Support

_MOST = 20
_FAILURES = 2


@dataclass
class SecondOpinion:
    """For one answer, made of these ``passages``."""

    aside: Aside | None
    passages: Sequence[Passage]
    _asked: int = field(default=0, init=False)
    _failed: int = field(default=0, init=False)

    async def of(self, judged: Judged) -> tuple[Judged, tuple[Event, ...]]:
        """The verdict, which may be a refusal now, and what was asked for it."""
        verdict, unit = judged.verdict, judged.unit
        wanted = self._asked < _MOST and self._failed < _FAILURES
        by_words = verdict.support is Support.SUPPORTED and unit.kind != "code"
        if self.aside is None or not by_words or not wanted:
            return judged, ()
        self._asked += 1
        numbers = dict.fromkeys(quoted.n for quoted in verdict.quotes)
        shown = "\n\n".join(fenced(n, self.passages[n - 1]) for n in numbers)
        said = await self.aside.ask(passages=shown, sentence=" ".join(unit.text.split()))
        if said.word not in ("yes", "no"):
            self._failed += 1
        if said.word != "no":
            return judged, said.events
        refused = replace(
            verdict,
            support=Support.UNSUPPORTED,
            reason=f"{said.by} says that the cited text doesn't say so",
            quotes=(),
        )
        return Judged(unit, refused), said.events
