"""One question and its answer, as the core's events tell them; no widget knows more.

Invariant: the text is what the events told, in their order; how it ended is what ``RunFinished``
says, and nothing is said by colour alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
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
from copilot.messages import Answer, Citation, Hit, Passage, Sentence, Status, Support
from copilot.places import describe

if TYPE_CHECKING:
    from copilot.tui.composing.about import Chip

_ENDS = {
    Status.ABSTAINED: "○ not in your documents",
    Status.DEGRADED: "◐ quoted: the model didn't answer",
    Status.REFUSED: "✗ refused",
    Status.LIMITED: "✗ stopped at a limit",
    Status.FAILED: "✗ failed",
}
_BARE = (Support.UNSUPPORTED, Support.UNCITED)
_MARKS = {
    Support.VERBATIM: "✓ quoted",
    Support.SUPPORTED: "✓ supported",
    Support.UNSUPPORTED: "? not supported",
    Support.UNCITED: "? not found",
}
_LINKED = re.compile(r"!?\[([^\]\[]*)\]\([^()]*\)")
_MARKED = re.compile(r"^[#>*+\- ]+|\*\*|`|(?<!\w)[_*]|[_*](?!\w)")


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
    ended: bool = False
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
            ended=True,
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
    def verdicts(self) -> tuple[str, ...]:
        """Each sentence, what it cites, why it is shown or left out; empty if not ``open``."""
        if not self.open:
            return ()
        if self.answer is None:
            return ("what was checked isn't known any more",) if self.ended else ()
        said = [_verdict(one) for one in self.answer.sentences]
        said += [f"✗ left out ({one.reason}): {_plain(one.text)}" for one in self.left_out]
        if not said and self.answer.searched:
            said = [
                "looked at:",
                *(
                    f"  {one.title or one.path}, {describe(one.locator)}"
                    for one in self.answer.searched
                ),
            ]
        return tuple(said) or ("it has no sentence that was checked",)

    def slim(self) -> None:
        """Let go of what can be read again: passages."""
        self.hits, self.seen = (), {}

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
            case CitationChecked(action="dropped") as check:
                numbers = tuple(one.n for one in check.citations)
                said = Sentence(check.sentence, numbers, check.support, check.reason)
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
        self._remarks += self.answer.notes
        self._say(self.answer, finished.latency_ms)
        named = {one.passage_id for one in self.citations}
        named |= {one.passage_id for one in self.answer.searched}
        self.hits = tuple(hit for hit in self.hits if hit.passage.id in named)

    def _say(self, answer: Answer, latency_ms: float) -> None:
        parts = [_ENDS.get(answer.status) or _borne_out(answer.sentences)]
        if self.left_out:
            parts.append(f"{len(self.left_out)} left out, not borne out")
        parts.append(f"{latency_ms / 1000:.1f} s")
        self.state = (" · ".join(parts), *dict.fromkeys(self._remarks))


def _borne_out(sentences: Sequence[Sentence]) -> str:
    bare = [one for one in sentences if one.support in _BARE]
    if not bare:
        return "✓ every sentence is borne out by its sources"
    return f"◐ {len(sentences) - len(bare)} of {len(sentences)} sentences are borne out"


def _verdict(one: Sentence) -> str:
    numbers = "".join(f"[{n}]" for n in one.citations)
    why = f"({one.reason})" if one.reason and one.support in _BARE else ""
    mark = " ".join(part for part in (_MARKS[one.support], numbers, why) if part)
    return f"{mark}: {_plain(one.text)}"


def _plain(markdown: str) -> str:
    """On one line, without the marks of links and of words that stand out."""
    return _MARKED.sub("", _LINKED.sub(r"\1", " ".join(markdown.split())))
