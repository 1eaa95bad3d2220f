"""Reads a model's stream unit by unit: cut, judged, composed.

Invariant: a unit is told as shown, and its text given out, only after it was judged to hold;
what doesn't hold is kept aside with its reason.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing, closing
from dataclasses import dataclass, field, replace

from copilot.answering.aside import spent, told
from copilot.answering.writing.composing import Composition
from copilot.answering.writing.cutting import Cutter, Unit, without_markers
from copilot.answering.writing.judging import Judge, Judged, bare
from copilot.answering.writing.opinions import SecondOpinion
from copilot.errors import ModelRefusedError, ModelStreamError
from copilot.events import CitationChecked, Event, ModelAttempt, ModelChosen, TextDelta
from copilot.gateway import Features, Gateway
from copilot.guard.terminal import clean
from copilot.knowledge.terms import content_terms
from copilot.messages import ModelRequest, Usage

NO_ANSWER = "NO_ANSWER"
# The question said again claims nothing, and would pass for an answer by its words.
_ASKS = re.compile(
    r"(?:how|what|who|when|where|why|which|is|are|can|do|does|should)\b[^:\n]*\?$", re.I
)
# A yes or no about nothing: what it says of the answer stands in many a passage.
_BARE_ANSWER = re.compile(r"(?:the\s+)?answer\b[^.:]{0,40}\bis:?\s+(?:yes|no)\W*", re.I)
_QUESTION_LABEL = re.compile(r"^\W*(?:the\s+)?question(?:\s+is)?\b\W*", re.I)
# A list's number without its item stands in many a passage, too.
_BARE_NUMBER = re.compile(r"\d{1,3}[.)]")
# An item that says nothing itself: "- **Steps**:".
_LABEL = re.compile(r":[*_\s]*$")
_NOT_COVERED = re.compile(r"^NOT_COVERED\b[:\s]*", re.I)


@dataclass
class Draft:
    """One stream of the model, and what became of it."""

    raw: str = ""
    finish_reason: str = ""
    shown: int = 0
    failed: list[Judged] = field(default_factory=list)
    declined: bool = False
    gaps: list[str] = field(default_factory=list)

    def clear(self) -> None:
        """Forget a stream of which nothing was shown."""
        self.raw, self.finish_reason, self.declined = "", "", False
        self.failed.clear()
        self.gaps.clear()


class Drafting:
    """The streams of one answer: cut, judged, composed."""

    def __init__(
        self,
        gateway: Gateway,
        judge: Judge,
        composition: Composition,
        *,
        second: SecondOpinion,
        features: Features | None = None,
        saved: int = 0,
    ) -> None:
        """``saved``: the tokens that each request is shorter by, its passages being packed."""
        self._saved = saved
        self._second = second
        self.features = features
        self._gateway = gateway
        self._judge = judge
        self.composition = composition
        self.usages: list[Usage] = []
        self.asked: list[str] = []

    @property
    def model(self) -> str:
        """The one that was asked last; empty before the first."""
        return self.asked[-1] if self.asked else ""

    async def run(
        self, request: ModelRequest, draft: Draft, question: str, *, by_another: bool = False
    ) -> AsyncGenerator[Event]:
        """One request's events; a stream that breaks before anything was shown is begun again, one
        in which nothing was written too, where another model is left.

        It goes to the model that was asked last; ``by_another``: to one that wasn't asked yet, as
        does what is begun again, where there is one. Raises the ModelError of the last attempt;
        what was shown by then stays composed.
        """
        before, begun = len(self.composition.sentences), 0
        while True:
            try:
                stream = self._stream(request, draft, question, by_another)
                async with aclosing(stream) as events:
                    async for event in events:
                        yield event
            except (ModelStreamError, ModelRefusedError) as error:
                begun += 1
                others = self._gateway.route.others(self.asked)
                once = begun == 1 and isinstance(error, ModelStreamError)
                if len(self.composition.sentences) > before or not (others or once):
                    raise
                if begun > len(self._gateway.route.models):  # the others rest
                    raise
            else:
                begun += 1
                others = self._gateway.route.others(self.asked)
                if draft.raw.strip() or not others or begun > len(self._gateway.route.models):
                    return
            by_another = True
            draft.clear()

    async def _stream(
        self, request: ModelRequest, draft: Draft, question: str, by_another: bool
    ) -> AsyncGenerator[Event]:
        cutter, state = Cutter(), _State()
        asked, first = (tuple(self.asked), "") if by_another else ((), self.model)
        steps = self._gateway.stream(request, asked=asked, first=first, features=self.features)
        async with aclosing(steps) as stream:
            async for step in stream:
                if isinstance(step, ModelChosen):
                    if step.model != self.model:
                        self.asked.append(step.model)
                        yield step
                    continue
                if isinstance(step, ModelAttempt):
                    yield self._counted(step)
                    continue
                draft.raw += step.text
                draft.finish_reason = step.finish_reason or draft.finish_reason
                for unit in cutter.feed(step.text):
                    async for event in self._take(unit, draft, state, question):
                        yield event
        rest = list(cutter.finish())
        if draft.finish_reason == "length" and rest:
            rest.pop()  # cut in the middle
        for unit in rest:
            async for event in self._take(unit, draft, state, question):
                yield event

    def _counted(self, attempt: ModelAttempt) -> ModelAttempt:
        """The attempt, with what packing its passages saved."""
        if attempt.usage is None:
            return attempt
        usage = replace(attempt.usage, saved_tokens=self._saved)
        self.usages.append(usage)
        return replace(attempt, usage=usage)

    async def _take(
        self, unit: Unit, draft: Draft, state: _State, question: str
    ) -> AsyncGenerator[Event]:
        unit = replace(unit, text=clean(unit.text))
        if unit.text.strip(" .`*\"'") == NO_ANSWER:
            draft.declined = True
            return
        if _NOT_COVERED.match(unit.text):
            draft.gaps.append(_gap(_NOT_COVERED.sub("", unit.text), question))
            return
        if _BARE_NUMBER.fullmatch(unit.text.strip()) or _BARE_ANSWER.fullmatch(unit.text.strip()):
            return
        if unit.kind == "heading" or _asks(unit.text, question) or self.composition.has(unit):
            return
        if _leads(unit) and not unit.cited:
            state.lead = unit
            return
        judged = await asyncio.to_thread(self._judge.judge, unit, before=state.cited)
        if judged.verdict.holds:
            judged, asked = await self._second.of(judged)
            self.usages.extend(spent(asked))
            with closing(told(asked)) as events:
                for event in events:
                    yield event
        state.cited = unit.cited or state.cited
        lead, state.lead = state.lead, None
        if not judged.verdict.holds:
            if content_terms(unit.text):
                draft.failed.append(judged)
            state.lead = lead
            return
        if lead is not None and bare(unit):
            if not await asyncio.to_thread(self._judge.says_with, lead, judged):
                draft.failed.append(judged)
                state.lead = lead
                return
        elif lead is not None and not await asyncio.to_thread(self._judge.leads, lead, judged):
            lead = None
        text, citations = self.composition.add(judged, lead)
        draft.shown += 1
        verdict = judged.verdict
        yield CitationChecked(unit.text, verdict.support, citations, verdict.reason, "shown")
        yield TextDelta(text)


@dataclass
class _State:
    """What the unit in hand may go by: the line that leads to it, the markers before it."""

    lead: Unit | None = None
    cited: tuple[int, ...] = ()


def _asks(text: str, question: str) -> bool:
    """Whether it only says the question again, with or without its question mark."""
    again = _words(_QUESTION_LABEL.sub("", text)) == _words(question)
    return again or bool(_ASKS.match(text))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _leads(unit: Unit) -> bool:
    return unit.kind == "lead" or (unit.kind == "item" and bool(_LABEL.search(unit.text)))


def _gap(missing: str, question: str) -> str:
    """The model's word on what the passages lack, if it only names what was asked."""
    asked = set(content_terms(question))
    named = content_terms(missing)
    if named and sum(t in asked for t in named) >= 0.6 * len(named):
        return f"not found in the sources: {without_markers(missing).rstrip('.')}"
    return "a part of the question is not answered in the sources"
