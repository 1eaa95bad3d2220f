"""One question and its answer, as the core's events tell them; no widget knows more.

Invariant: the text is what the events told, in their order; how it ended is what ``RunFinished``
says, and nothing is said by colour alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from copilot.calls import EarlierAnswer, Said
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
from copilot.messages import Answer, Citation, Hit, Passage, Sentence, Status
from copilot.tui import verdicts

if TYPE_CHECKING:
    from copilot.tui.composing.about import Chip

_ENDS = {
    Status.ABSTAINED: "○ not in your documents",
    Status.DEGRADED: "◐ quoted: the model didn't answer",
    Status.REFUSED: "✗ refused",
    Status.LIMITED: "◐ quoted: over budget",
    Status.FAILED: "✗ failed",
}
# The core's note of what was left out says less than the lines that name it.
_LEFT_OUT = re.compile(r"\d+ sentences? w(?:as|ere) left out: ")


@dataclass(eq=False)
class Exchange:
    """``state``: what stands below the answer, line by line; ``run_id`` is empty until it ended.

    ``about``: what it is asked about besides the index; ``quotes``: without a model; ``model``: by
    this one. ``instead_of``: the run whose question it asks anew; ``anew``: its own was. ``open``:
    the verdict on each sentence is shown. ``seen``: passages that were read again for it.
    ``marks``: what the check said of each sentence, where it ends in the text.
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
    ended: bool = False
    left_out: tuple[Sentence, ...] = ()
    seen: dict[str, Passage] = field(default_factory=dict)
    marks: list[verdicts.Mark] = field(default_factory=list)
    _checked: list[Sentence] = field(default_factory=list)
    _looked_for: str = ""
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
            ended=True,
        )

    def recalled(self, known: EarlierAnswer) -> None:
        """What the ledger knows of it; its text is the one that was kept."""
        self.answer = replace(known.answer, text=self.text)
        self.marks = verdicts.marks(self.text, self.answer.sentences)
        self.left_out, self.rating = known.left_out, self.rating or known.rating
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
    def citations(self) -> tuple[Citation, ...]:
        return self.answer.citations if self.answer is not None else ()

    @property
    def cited(self) -> frozenset[int] | None:
        """The numbers that are markers; None while that isn't known."""
        return None if self.answer is None else frozenset(one.n for one in self.citations)

    @property
    def told(self) -> tuple[str, ...]:
        """``state`` with the rating."""
        first, *rest = self.state or ("",)
        marks = [f"rated {self.rating}" if self.rating else "", "asked anew below" * self.anew]
        first = " · ".join(part for part in (first, *marks) if part)
        return (first, *rest) if first or rest else ()

    @property
    def passed_over(self) -> tuple[str, ...]:
        """The sentences that were left out, and why, unless all verdicts are shown."""
        return () if self.open else tuple(verdicts.passed_over(self.left_out))

    @property
    def verdicts(self) -> tuple[str, ...]:
        """Each sentence, what it cites, why it is shown or left out; empty if not ``open``."""
        if not self.open:
            return ()
        if self.answer is None:
            return ("what was checked isn't known any more",) if self.ended else ()
        return tuple(verdicts.each(self.answer, self.left_out))

    def slim(self) -> None:
        """Let go of what can be read again: passages."""
        self.hits, self.seen = (), {}

    def tell(self, event: Event) -> None:
        """Take one event in."""
        match event:
            case QueryRewritten(follow_up=True, queries=queries):
                self._looked_for = f"looked for: {queries[0]}"
                self.state = (f"looking for: {queries[0]}",)
            case RetrievalFinished(hits=hits):
                self.hits = hits
                self.state = (f"reading {len(hits)} passages …",)
            case ModelChosen(model=model) if model != "quoting" and not event.beside:
                self.state = (f"{model} writes …",)
            case TextDelta(text=text):
                self.text += text
                start = self.marks[-1][0] if self.marks else 0
                self.marks += verdicts.marks(self.text, self._checked, start)
                self._checked.clear()
            case CitationChecked(action="shown" | "dropped" as action) as check:
                numbers = tuple(dict.fromkeys(one.n for one in check.citations))
                said = Sentence(check.sentence, numbers, check.support, check.reason)
                if action == "shown":
                    self._checked.append(said)  # its text comes next
                else:
                    self.left_out = (*self.left_out, said)
            case Warned(message=message, hint=hint):
                self._remarks.append(f"{message} ({hint})" if hint else message)
            case RunFinished():
                self._finish(event)
            case _:
                pass

    def failed(self, message: str, hint: str) -> None:
        """It ended in an error."""
        self.ended = True
        self.state = tuple(line for line in (f"✗ {message}", hint, *self._remarks) if line)

    def stopped(self) -> None:
        """The person stopped it; what was told stays."""
        self.ended = True
        self.state = ("■ stopped", *self._remarks)

    def _finish(self, finished: RunFinished) -> None:
        self.run_id, self.ended = finished.run_id, True
        self.answer = finished.answer or Answer(finished.status, self.text)
        self.text = self.answer.text
        self.marks = verdicts.marks(self.text, self.answer.sentences)
        self._remarks += self.answer.notes
        self._say(self.answer, finished.latency_ms)
        named = {one.passage_id for one in self.citations}
        named |= {one.passage_id for one in self.answer.searched}
        self.hits = tuple(hit for hit in self.hits if hit.passage.id in named)

    def _say(self, answer: Answer, latency_ms: float) -> None:
        parts = [_ENDS.get(answer.status) or verdicts.borne_out(answer.sentences)]
        nothing = answer.status is Status.LIMITED and not answer.sentences
        if nothing:
            parts = ["○ over budget, and no quotes"]
        if self.left_out:
            parts.append(f"{len(self.left_out)} left out")
        parts.append(f"{latency_ms / 1000:.1f} s")
        lines = [" · ".join(parts)]
        if nothing or answer.status is Status.ABSTAINED:
            lines += [self._looked_for, *verdicts.nearest(answer)]
        remarks = [one for one in self._remarks if not (self.left_out and _LEFT_OUT.match(one))]
        self.state = tuple(dict.fromkeys(line for line in (*lines, *remarks) if line))
