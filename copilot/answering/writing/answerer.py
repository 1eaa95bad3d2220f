"""Has a chat model write the answer, and shows only what its citations bear out.

Invariant: text leaves as ``TextDelta`` only after its check, and every sentence of the answer
cites a quote of a passage that the model was given; what was left out is told in the notes.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from copilot.answering.aside import Aside, Asides, spent, told
from copilot.answering.rendering import ABSTENTION
from copilot.answering.writing.composing import Composition
from copilot.answering.writing.cutting import without_markers
from copilot.answering.writing.drafting import Draft, Drafting
from copilot.answering.writing.features import Known, weighed_up
from copilot.answering.writing.judging import Judge, Judged, checked, problems
from copilot.answering.writing.opinions import SecondOpinion
from copilot.answering.writing.packing import PASSAGES, Packed, pack, room_for_evidence
from copilot.answering.writing.rewriting import Rewritten, standalone
from copilot.errors import ModelContextError, ModelError, ModelUngroundedError
from copilot.events import Event, PromptRendered, TextDelta
from copilot.gateway import Features, Gateway
from copilot.messages import Answer, ModelRequest, Status, Turn, Usage
from copilot.metering import total_usage
from copilot.prompting import PromptLibrary, Rendered

if TYPE_CHECKING:
    from copilot.config.schema import Settings
    from copilot.knowledge.search import SearchResult

WRITE, REPAIR, CONTINUE = "answering/write", "answering/repair", "answering/continue"
# Above this share of unsupported units the model is asked, once, to correct them.
REPAIR_ABOVE = 0.25
_PROMPTS = ("write", "continue", "repair")


@dataclass(frozen=True, slots=True)
class Written:
    """The end of a written answer; it abstains when the model says the passages don't answer.

    ``failure``: why the model broke off, the answer being what was shown by then. ``given``: the
    ids of the passages that it read. ``whole``: nothing was cut, and nothing said to be missing.
    """

    answer: Answer
    failure: ModelError | None = None
    given: tuple[str, ...] = ()
    whole: bool = True


class WritingAnswerer:
    """Answers from passages with a chat model."""

    def __init__(
        self,
        gateway: Gateway,
        settings: Settings,
        *,
        prompts: PromptLibrary,
        asides: Asides | None = None,
    ) -> None:
        self._gateway = gateway
        self.asides = asides or Asides()
        self._models = settings.models
        self._answers = settings.answer
        self.prompts = prompts
        for prompt_id in (WRITE, REPAIR, CONTINUE):  # a flaw is told before anything is spent
            prompts.get(prompt_id)

    def warm(self) -> None:
        """Begin loading what the first call needs, while passages are searched for."""
        self._gateway.route.warm()

    def recipe(self) -> tuple[str, ...]:
        """What decides what is written, besides the question, its history and the passages."""
        models, answers = self._models, self._answers
        prompts = (self.prompts.get(f"answering/{name}") for name in _PROMPTS)
        return (
            *(
                f"{one.at.name} {one.at.model} {one.at.api_base}"
                for one in self._gateway.route.models
            ),
            *(f"{one.id} {one.digest}" for one in prompts),
            f"{answers.max_words} {models.max_output_tokens} {models.temperature}",
        )

    async def standalone(self, question: str, history: Sequence[Turn], before: str) -> Rewritten:
        """A follow-up as a question of its own, where a model is there to say."""
        return await standalone(self.asides.rewrite, question, history, summary=before)

    async def answer(
        self, question: str, history: Sequence[Turn], result: SearchResult
    ) -> AsyncGenerator[Event | Written]:
        """Events, then one ``Written``.

        Raises the ModelError of the last attempt when nothing was shown by then, and
        ModelUngroundedError when nothing of what the model wrote could be. Usage stands in the
        ``ModelAttempt`` events.
        """
        budget, most, known = self._budget(question, history), PASSAGES, None
        if self._gateway.route.tiers is not None:
            known = await weighed_up(question, result, self.asides.router)
            with closing(told(known.events)) as asked:
                for event in asked:
                    yield event
        while True:
            writing = _Answer(pack(result, budget, most), self._gateway, known, self.asides.judge)
            try:
                async with aclosing(self._write(writing, question, history)) as events:
                    async for event in events:
                        yield event
            except ModelContextError:
                budget, most = writing.packed.tokens // 2, len(writing.packed.passages) // 2
                if not most:
                    raise
            else:
                break
        async with aclosing(self._correct(writing, question)) as events:
            async for event in events:
                yield event
        for event in checked(writing.left_out, "dropped"):
            yield event
        if not writing.composition.sentences:
            if not writing.declined:
                raise self._nothing(writing)
            yield TextDelta(ABSTENTION)
        given = tuple(passage.id for passage in writing.packed.passages)
        yield Written(self._finish(writing), writing.broke, given, writing.whole)

    def _budget(self, question: str, history: Sequence[Turn]) -> int:
        """Tokens for evidence: as configured, or what the smallest known window leaves for it."""
        given = {"passages": "", "question": question, "words": str(self._answers.max_words)}
        bare = self.prompts.get(WRITE).render(given)
        besides = [bare.system, *(turn.text for turn in self._turns(history, bare.user))]
        windows = [one.at.context_tokens for one in self._gateway.route.models]
        room = room_for_evidence(windows, besides, self._models.max_output_tokens)
        return min(self._answers.evidence_tokens, room)

    async def _write(
        self, writing: _Answer, question: str, history: Sequence[Turn]
    ) -> AsyncGenerator[Event]:
        words = str(self._answers.max_words)
        prompt = self.prompts.get(WRITE).render(
            {"passages": writing.packed.text, "question": question, "words": words}
        )
        yield PromptRendered(prompt.version, len(writing.packed.passages), prompt.template)
        writing.request = self._request(prompt, self._turns(history, prompt.user))
        try:
            async with aclosing(writing.draft(writing.request, question)) as events:
                async for event in events:
                    yield event
        except ModelError as error:
            if not writing.composition.sentences:
                raise
            writing.broke = error
        if writing.broke is not None:
            async with aclosing(self._go_on(writing, question)) as events:
                async for event in events:
                    yield event

    async def _go_on(self, writing: _Answer, question: str) -> AsyncGenerator[Event]:
        """Have the route's other models finish what one broke off; what was shown stands."""
        prompt = self.prompts.get(CONTINUE).render({})
        request = writing.request
        if request is None:
            return
        for _ in range(self._gateway.route.others(writing.asked)):
            if writing.broke is None or not self._gateway.route.others(writing.asked):
                break
            before = writing.model
            yield PromptRendered(prompt.version, len(writing.packed.passages), prompt.template)
            shown = without_markers(writing.composition.text)
            turns = (*request.turns, Turn("assistant", shown), Turn("user", prompt.user))
            rest = replace(request, turns=turns, prompt=prompt.version)
            try:
                async with aclosing(writing.draft(rest, question, by_another=True)) as events:
                    async for event in events:
                        yield event
            except ModelError as error:
                writing.broke = error
            else:
                writing.notes.append(f"{before} broke off; {writing.model} finished the answer")
                writing.broke = None
        if writing.broke is not None:
            yield TextDelta("\n\n")  # what follows begins on a line of its own

    async def _correct(self, writing: _Answer, question: str) -> AsyncGenerator[Event]:
        """Have unsupported sentences rewritten, once, if there are many; what was shown stands.

        Where nothing that a cheap model wrote can be shown, a strong one writes the answer.
        """
        failed, request = writing.failed, writing.request
        if request is None or writing.broke is not None or not failed:
            return
        shown = len(writing.composition.sentences)
        if not shown and self._gateway.route.stronger(writing.asked):
            async with aclosing(writing.escalate(request, question)) as events:
                async for event in events:
                    yield event
            for check in checked(failed, "regenerated"):
                yield check
            return
        if shown and len(failed) <= REPAIR_ABOVE * (shown + len(failed)):
            return
        prompt = self.prompts.get(REPAIR).render({"problems": problems(failed)})
        yield PromptRendered(prompt.version, len(writing.packed.passages), prompt.template)
        turns = (*request.turns, Turn("assistant", writing.raw), Turn("user", prompt.user))
        again = replace(request, turns=turns, prompt=prompt.version)
        try:
            async with aclosing(writing.correct(again, question)) as events:
                async for event in events:
                    yield event
        except ModelError as error:
            if not writing.composition.sentences:
                raise
            writing.notes.append(f"the model could not correct its answer: {error.message}")
            return
        writing.corrected = True
        for check in checked(failed, "regenerated"):
            yield check

    def _request(self, prompt: Rendered, turns: tuple[Turn, ...]) -> ModelRequest:
        return ModelRequest(
            model=self._models.answer,
            system=prompt.system,
            turns=turns,
            max_output_tokens=self._models.max_output_tokens,
            temperature=self._models.temperature,
            prompt=prompt.version,
        )

    @staticmethod
    def _turns(history: Sequence[Turn], user: str) -> tuple[Turn, ...]:
        """The conversation before, without the markers of passages that aren't there now."""
        return (*(Turn(t.role, without_markers(t.text)) for t in history), Turn("user", user))

    def _nothing(self, writing: _Answer) -> ModelUngroundedError:
        """Why there is nothing to show, of a model that didn't decline."""
        model, limit = writing.model, self._models.max_output_tokens
        wrote = writing.raw.strip()
        if not wrote and writing.cut:
            return ModelUngroundedError(
                f"{model}: it used up its {limit} tokens before it wrote anything",
                hint="raise models.max_output_tokens: a reasoning model thinks within them",
            )
        if not wrote:
            return ModelUngroundedError(f"{model}: it wrote nothing", hint="ask again")
        if writing.cut and not writing.failed:
            return ModelUngroundedError(
                f"{model}: it was cut at {limit} tokens before its first sentence ended",
                hint="raise models.max_output_tokens",
            )
        return ModelUngroundedError(
            f"{model}: no sentence of its answer is supported by the sources",
            hint="try a stronger model in models.answer",
        )

    def _finish(self, writing: _Answer) -> Answer:
        composition = writing.composition
        written = bool(composition.sentences)
        return Answer(
            status=Status.ANSWERED if written else Status.ABSTAINED,
            text=composition.text if written else ABSTENTION,
            sentences=tuple(composition.sentences),
            citations=tuple(composition.citations),
            usage=total_usage(writing.model, writing.usages),
            notes=tuple(self._notes(writing)),
        )

    def _notes(self, writing: _Answer) -> list[str]:
        """What happened on the way, in plain words."""
        again = writing.correction or Draft()
        corrected = again.shown
        before = 0 if writing.escalated else len(writing.failed) - corrected
        left_out = max(len(again.failed), before)
        notes = list(writing.notes)
        if corrected and not writing.escalated:
            notes.append(f"{_count(corrected)} rewritten after the check")
        if left_out:
            notes.append(f"{_count(left_out)} left out: not supported by the sources")
        if writing.cut:
            limit = self._models.max_output_tokens
            notes.append(f"the model's answer was cut at {limit} tokens (models.max_output_tokens)")
        return notes + [gap for draft in writing.all for gap in draft.gaps]


class _Answer:
    """One answer in the making: its passages, its drafts, what of them is shown."""

    def __init__(
        self, packed: Packed, gateway: Gateway, known: Known | None, judge: Aside | None
    ) -> None:
        self.packed = packed
        self.composition = Composition(packed.passages)
        self.drafts: list[Draft] = []  # the second and later ones go on where one broke off
        self.correction: Draft | None = None
        self.notes: list[str] = []
        self.request: ModelRequest | None = None
        self.broke: ModelError | None = None
        self.corrected = False
        self.escalated = False
        self._drafting = Drafting(
            gateway,
            Judge(packed.passages),
            self.composition,
            second=SecondOpinion(judge, packed.passages),
            features=known.features if known else None,
            saved=packed.saved,
        )
        self._drafting.usages.extend(spent(known.events) if known else ())

    @property
    def model(self) -> str:
        """The one that was asked last."""
        return self._drafting.model

    @property
    def asked(self) -> list[str]:
        """Every model that was asked."""
        return self._drafting.asked

    @property
    def usages(self) -> list[Usage]:
        return self._drafting.usages

    @property
    def all(self) -> list[Draft]:
        return [*self.drafts, *([self.correction] if self.correction else [])]

    @property
    def raw(self) -> str:
        """What was written before any correction."""
        return "\n".join(draft.raw for draft in self.drafts)

    @property
    def failed(self) -> list[Judged]:
        """What of that didn't hold."""
        return [judged for draft in self.drafts for judged in draft.failed]

    @property
    def cut(self) -> bool:
        """Whether the limit on an answer's length ended a draft."""
        return any(draft.finish_reason == "length" for draft in self.all)

    @property
    def whole(self) -> bool:
        """Whether the answer is all that the question asks for."""
        return self.broke is None and not self.cut and not any(draft.gaps for draft in self.all)

    @property
    def left_out(self) -> list[Judged]:
        """What didn't hold and was not replaced by another draft."""
        corrected = self.correction.failed if self.correction else []
        return corrected if self.corrected else [*self.failed, *corrected]

    @property
    def declined(self) -> bool:
        """Whether the model said that the passages don't answer, and claimed nothing else."""
        drafts = self.all[-1:] if self.escalated else self.all
        failed = any(draft.failed for draft in drafts)
        return not failed and any(draft.declined for draft in drafts)

    async def draft(
        self, request: ModelRequest, question: str, *, by_another: bool = False
    ) -> AsyncGenerator[Event]:
        """Write it, or what is left of it."""
        self.drafts.append(Draft())
        run = self._drafting.run(request, self.drafts[-1], question, by_another=by_another)
        async with aclosing(run) as events:
            async for event in events:
                yield event

    async def correct(self, request: ModelRequest, question: str) -> AsyncGenerator[Event]:
        """Write anew what didn't hold."""
        self.correction = Draft()
        async with aclosing(self._drafting.run(request, self.correction, question)) as events:
            async for event in events:
                yield event

    async def escalate(self, request: ModelRequest, question: str) -> AsyncGenerator[Event]:
        """Have a stronger model write it, since nothing holds of what a cheap one wrote."""
        before, drafting = self.model, self._drafting
        drafting.features = replace(drafting.features or Features(), unsupported=before)
        self.correction = Draft()
        self.corrected = self.escalated = True
        run = drafting.run(request, self.correction, question, by_another=True)
        async with aclosing(run) as events:
            async for event in events:
                yield event
        if self.composition.sentences:
            wrote = f"nothing that {before} wrote is supported; {self.model} wrote the answer"
            self.notes.append(wrote)


def _count(n: int, one: str = "was", many: str = "were") -> str:
    return f"1 sentence {one}" if n == 1 else f"{n} sentences {many}"
