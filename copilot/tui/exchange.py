"""One question and its answer, as the core's events tell them; no widget knows more.

Invariant: the text is what the events told, in their order; how it ended is what ``RunFinished``
says, and nothing is said by colour alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from copilot.events import (
    CitationChecked,
    Event,
    ModelChosen,
    QueryRewritten,
    RetrievalFinished,
    RunFinished,
    TextDelta,
    Warned,
)
from copilot.messages import Answer, Citation, Hit, Status

if TYPE_CHECKING:
    from copilot.tui.composing.about import Chip

_ENDS = {
    Status.ABSTAINED: "○ not in your documents",
    Status.DEGRADED: "◐ quoted: the model didn't answer",
    Status.REFUSED: "✗ refused",
    Status.LIMITED: "✗ stopped at a limit",
    Status.FAILED: "✗ failed",
}
_BORNE_OUT = "✓ every sentence is borne out by its sources"


@dataclass(eq=False)
class Exchange:
    """``state``: what stands below the answer, line by line; ``run_id`` is empty until it ended.

    ``about``: what it is asked about besides the index; ``quotes``: without a model; ``model``: by
    this one. ``instead_of``: the run whose question it asks anew; ``anew``: its own was. ``open``:
    the verdict on each sentence is shown. ``seen``: passages that were read again for it.
    """

    question: str
    text: str = ""
    state: tuple[str, ...] = ("looking …",)
    run_id: str = ""
    hits: tuple[Hit, ...] = ()
    answer: Answer | None = None
    rating: str = ""
    about: tuple[Chip, ...] = ()
    quotes: bool = False
    model: str = ""
    instead_of: str = ""
    anew: bool = False
    open: bool = False
    left_out: tuple[Sentence, ...] = ()
    seen: dict[str, Passage] = field(default_factory=dict)
    _remarks: list[str] = field(default_factory=list)

    @staticmethod
    def of_earlier(said: Said) -> Exchange:
        """One of which only the texts are known, and its run."""
        return Exchange(
            said.question,
            said.answer,
            state=(),
            run_id=said.run_id,
            instead_of=said.instead_of,
        )

    def recalled(self, known: EarlierAnswer) -> None:
        """What the ledger knows of it; its text is the one that was kept."""
        self.answer = replace(known.answer, text=self.text)
        self.left_out, self.rating = known.left_out, known.rating
        self._remarks = [*known.answer.notes]
        self._say(self.answer, known.latency_ms)

    def passage(self, passage_id: str) -> Passage | None:
        """A passage that was found for it, as far as it is known here."""
        found = (hit.passage for hit in self.hits if hit.passage.id == passage_id)
        return next(found, None) or self.seen.get(passage_id)

    @property
    def wanted(self) -> tuple[str, ...]:
        """The passages that its sources name and that aren't known here."""
        if self.answer is None:
            return ()
        named = self.citations or self.answer.searched
        ids = dict.fromkeys(one.passage_id for one in named)
        return tuple(one for one in ids if self.passage(one) is None)

    @property
    def over(self) -> bool:
        """Whether something can be done with it: it has ended, and said something."""
        return bool(self.text) and self.state[:1] not in _RUNNING and not self.running

    @property
    def citations(self) -> tuple[Citation, ...]:
        return self.answer.citations if self.answer is not None else ()

    @property
    def cited(self) -> frozenset[int] | None:
        """The numbers that are markers; None while that isn't known."""
        return None if self.answer is None else frozenset(one.n for one in self.citations)

    @property
    def told(self) -> tuple[str, ...]:
        """``state`` with the rating."""
        if not self.rating:
            return self.state
        first, *rest = self.state or ("",)
        return (" · ".join(part for part in (first, f"rated {self.rating}") if part), *rest)

    def tell(self, event: Event) -> None:
        """Take one event in."""
        match event:
            case QueryRewritten(follow_up=True, queries=queries):
                self.state = (f"looking for: {queries[0]}",)
            case RetrievalFinished(hits=hits):
                self.hits = hits
                self.state = (f"reading {len(hits)} passages …",)
            case ModelChosen(model=model) if model != "quoting":
                self.state = (f"{model} writes …",)
            case TextDelta(text=text):
                self.text += text
            case CitationChecked(action="dropped"):
                self._dropped += 1
            case Warned(message=message, hint=hint):
                self._remarks.append(f"{message} ({hint})" if hint else message)
            case RunFinished():
                self._finish(event)
            case _:
                pass

    def failed(self, message: str, hint: str) -> None:
        """It ended in an error."""
        self.state = tuple(line for line in (f"✗ {message}", hint, *self._remarks) if line)

    def stopped(self) -> None:
        """The person stopped it; what was told stays."""
        self.state = ("■ stopped", *self._remarks)

    def _finish(self, finished: RunFinished) -> None:
        self.run_id, self.answer = finished.run_id, finished.answer
        parts = [_ENDS.get(finished.status, _BORNE_OUT)]
        if self._dropped:
            parts.append(f"{self._dropped} left out, not borne out")
        if finished.answer is not None:
            self.text = finished.answer.text
            self._remarks += finished.answer.notes
        parts.append(f"{finished.latency_ms / 1000:.1f} s")
        self.state = (" · ".join(parts), *dict.fromkeys(self._remarks))
