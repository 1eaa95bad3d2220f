"""Has a chat model write the answer, and shows only what its citations bear out.

Invariant: text leaves as ``TextDelta`` only after its check, and every sentence of the answer
cites a quote of a passage that the model was given; what was left out is told in the notes.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from copilot.answering.grounding import Verdict
from copilot.answering.rendering import ABSTENTION
from copilot.answering.writing.composing import Composition
from copilot.answering.writing.cutting import Cutter, Unit, without_markers
from copilot.answering.writing.judging import Judge, Judged
from copilot.answering.writing.packing import pack
from copilot.errors import ModelError, ModelStreamError, ModelUngroundedError
from copilot.events import (
    CitationChecked,
    Event,
    ModelAttempt,
    ModelChosen,
    PromptRendered,
    TextDelta,
)
from copilot.gateway import Gateway
from copilot.guard.terminal import clean
from copilot.knowledge.terms import content_terms
from copilot.messages import Answer, ModelRequest, Status, Support, Turn, Usage
from copilot.prompting import PromptLibrary, Rendered

if TYPE_CHECKING:
    from copilot.config.schema import Settings
    from copilot.knowledge.search import SearchResult

# Above this share of unsupported units the model is asked, once, to correct them.
REPAIR_ABOVE = 0.25
NO_ANSWER = "NO_ANSWER"
_NOT_COVERED = re.compile(r"^NOT_COVERED\b[:\s]*", re.I)


@dataclass(frozen=True, slots=True)
class Written:
    """The end of a written answer; it abstains when the model says the passages don't answer."""

    answer: Answer


@dataclass
class _Draft:
    """One stream of the model, and what became of it."""

    raw: str = ""
    finish_reason: str = ""
    shown: int = 0
    failed: list[Judged] = field(default_factory=list)
    declined: bool = False
    gaps: list[str] = field(default_factory=list)

    @property
    def failed_share(self) -> float:
        return len(self.failed) / max(1, self.shown + len(self.failed))


class WritingAnswerer:
    """Answers from passages with a chat model."""

    def __init__(self, gateway: Gateway, settings: Settings, *, prompts: PromptLibrary) -> None:
        self._gateway = gateway
        self._models = settings.models
        self._answers = settings.answer
        self._prompts = prompts

    def warm(self) -> None:
        """Begin loading what the first call needs, while passages are searched for."""
        self._gateway.warm()

    async def answer(
        self, question: str, history: Sequence[Turn], result: SearchResult
    ) -> AsyncGenerator[Event | Written]:
        """Events, then one ``Written``.

        Raises the ModelError of the last attempt, and ModelUngroundedError when nothing of
        what the model wrote could be shown. Usage stands in the ``ModelAttempt`` events.
        """
        packed = pack(result.hits)
        prompt = self._prompts.get("answering/write").render(
            {"passages": packed.text, "question": question, "words": str(self._answers.max_words)}
        )
        yield PromptRendered(prompt.version, len(packed.passages))
        yield ModelChosen(self._models.answer, "models.answer is configured")
        writing = _Writing(self._gateway, Judge(packed.passages), Composition(packed.passages))
        request = self._request(prompt, self._turns(history, prompt.user))
        draft = _Draft()
        async with aclosing(writing.run(request, draft, question)) as events:
            async for event in events:
                yield event
        drafts = [draft]
        if self._needs_repair(draft):
            for event in _checked(draft.failed, "regenerated"):
                yield event
            again = self._prompts.get("answering/repair").render(
                {"problems": _problems(draft.failed)}
            )
            yield PromptRendered(again.version, len(packed.passages))
            turns = (*request.turns, Turn("assistant", draft.raw), Turn("user", again.user))
            drafts.append(_Draft())
            repair = replace(request, turns=turns, prompt=again.version)
            async with aclosing(writing.run(repair, drafts[-1], question)) as events:
                async for event in events:
                    yield event
        for event in _checked(drafts[-1].failed, "dropped"):
            yield event
        if not writing.composition.sentences:
            if any(draft.failed for draft in drafts) or not any(d.declined for d in drafts):
                raise ModelUngroundedError(
                    f"{self._models.answer}: no sentence of its answer is supported by the sources",
                    hint="try a stronger model in models.answer",
                )
            yield TextDelta(ABSTENTION)
        yield Written(self._finish(writing, drafts))

    def _request(self, prompt: Rendered, turns: tuple[Turn, ...]) -> ModelRequest:
        return ModelRequest(
            model=self._models.answer,
            system=prompt.system,
            turns=turns,
            max_output_tokens=self._models.max_output_tokens,
            temperature=self._models.temperature,
            prompt=prompt.version,
        )

    def _turns(self, history: Sequence[Turn], user: str) -> tuple[Turn, ...]:
        """The conversation before, without the markers of passages that aren't there now."""
        past = history[-self._answers.history_turns :] if self._answers.history_turns else ()
        return (*(Turn(t.role, without_markers(t.text)) for t in past), Turn("user", user))

    def _needs_repair(self, draft: _Draft) -> bool:
        return bool(draft.failed) and (draft.shown == 0 or draft.failed_share > REPAIR_ABOVE)

    def _finish(self, writing: _Writing, drafts: Sequence[_Draft]) -> Answer:
        composition = writing.composition
        written = bool(composition.sentences)
        return Answer(
            status=Status.ANSWERED if written else Status.ABSTAINED,
            text=composition.text if written else ABSTENTION,
            sentences=tuple(composition.sentences),
            citations=tuple(composition.citations),
            usage=total_usage(self._models.answer, writing.usages),
            notes=tuple(self._notes(drafts)),
        )

    def _notes(self, drafts: Sequence[_Draft]) -> list[str]:
        """What happened on the way, in plain words."""
        first, last = drafts[0], drafts[-1]
        corrected = last.shown if len(drafts) > 1 else 0
        left_out = max(len(last.failed), len(first.failed) - corrected)
        notes = []
        if corrected:
            notes.append(f"{_count(corrected)} rewritten after the check")
        if left_out:
            notes.append(f"{_count(left_out)} left out: not supported by the sources")
        if any(d.finish_reason == "length" for d in drafts):
            limit = self._models.max_output_tokens
            notes.append(f"the model's answer was cut at {limit} tokens (models.max_output_tokens)")
        return notes + [gap for d in drafts for gap in d.gaps]


class _Writing:
    """The streams of one answer: cut, judged, composed."""

    def __init__(self, gateway: Gateway, judge: Judge, composition: Composition) -> None:
        self._gateway = gateway
        self._judge = judge
        self.composition = composition
        self.usages: list[Usage] = []

    async def run(
        self, request: ModelRequest, draft: _Draft, question: str
    ) -> AsyncGenerator[Event]:
        """One request's events; a stream that breaks before anything was shown is begun again."""
        again = True
        while True:
            try:
                async with aclosing(self._stream(request, draft, question)) as events:
                    async for event in events:
                        yield event
            except ModelError as error:
                if self.composition.sentences:
                    yield TextDelta("\n\n")  # what comes instead begins on a line of its own
                    raise self._broken(error) from error
                if not (again and isinstance(error, ModelStreamError)):
                    raise
                again = False
                draft.raw, draft.declined = "", False
                draft.failed.clear()
                draft.gaps.clear()
            else:
                return

    def _broken(self, error: ModelError) -> ModelError:
        shown = _count(len(self.composition.sentences), "was", "were")
        return ModelStreamError(
            f"{error.message} ({shown} shown by then; the quotes stand in their place)",
            hint=error.hint,
        )

    async def _stream(
        self, request: ModelRequest, draft: _Draft, question: str
    ) -> AsyncGenerator[Event]:
        cutter, state = Cutter(), _State()
        async with aclosing(self._gateway.stream(request)) as stream:
            async for step in stream:
                if isinstance(step, ModelAttempt):
                    if step.usage is not None:
                        self.usages.append(step.usage)
                    yield step
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

    async def _take(
        self, unit: Unit, draft: _Draft, state: _State, question: str
    ) -> AsyncGenerator[Event]:
        unit = replace(unit, text=clean(unit.text))
        if unit.text.strip(" .`*\"'") == NO_ANSWER:
            draft.declined = True
            return
        if _NOT_COVERED.match(unit.text):
            draft.gaps.append(_gap(_NOT_COVERED.sub("", unit.text), question))
            return
        if unit.kind == "heading" or self.composition.has(unit):
            return
        if unit.kind == "lead" and not unit.cited:
            state.lead = unit
            return
        judged = await asyncio.to_thread(self._judge.judge, unit, before=state.cited)
        state.cited = unit.cited or state.cited
        lead, state.lead = state.lead, None
        if not judged.verdict.holds:
            if content_terms(unit.text):
                draft.failed.append(judged)
            state.lead = lead
            return
        if lead is not None and not await asyncio.to_thread(self._judge.leads, lead, judged):
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


def _gap(missing: str, question: str) -> str:
    """The model's word on what the passages lack, if it only names what was asked."""
    asked = set(content_terms(question))
    named = content_terms(missing)
    if named and sum(t in asked for t in named) >= 0.6 * len(named):
        return f"not found in the sources: {without_markers(missing).rstrip('.')}"
    return "a part of the question is not answered in the sources"


def _checked(
    failed: Sequence[Judged], action: Literal["dropped", "regenerated"]
) -> list[CitationChecked]:
    return [
        CitationChecked(j.unit.text, _unsupported(j.verdict), (), j.verdict.reason, action)
        for j in failed
    ]


def _unsupported(verdict: Verdict) -> Support:
    return Support.UNCITED if verdict.support is Support.UNCITED else Support.UNSUPPORTED


def _problems(failed: Sequence[Judged]) -> str:
    return "\n".join(f'- "{" ".join(j.unit.text.split())}": {j.verdict.reason}' for j in failed)


def _count(n: int, one: str = "was", many: str = "were") -> str:
    return f"1 sentence {one}" if n == 1 else f"{n} sentences {many}"


def total_usage(model: str, usages: Sequence[Usage]) -> Usage:
    """All attempts of the answer together; the price is unknown if one of them is."""
    costs = [u.cost_microusd for u in usages]
    known = [c for c in costs if c is not None]
    return Usage(
        model=model,
        input_tokens=sum(u.input_tokens for u in usages),
        output_tokens=sum(u.output_tokens for u in usages),
        cost_microusd=sum(known) if len(known) == len(costs) else None,
        estimated=any(u.estimated for u in usages),
    )
