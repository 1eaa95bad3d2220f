"""Has a model read the records of a text: one answer, one more for what it got wrong.

Invariant: a value that comes out has its quote in the text, to the character, and the quote says
it; at most two answers are asked for, within the budget of tokens.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from copilot.errors import ModelContextError, ModelError
from copilot.events import Event, ModelAttempt, ModelChosen, PromptRendered, Warned
from copilot.extracted import FieldValue, Json, SourceText, StructuredAnswer, StructuredRequest
from copilot.extraction.extracting import Drafts
from copilot.extraction.modelled import asking
from copilot.extraction.modelled.answered import (
    Answered,
    Slot,
    Tree,
    distinct,
    fields,
    says_something,
    slots,
)
from copilot.extraction.modelled.kinds import ValueKind, kind_of
from copilot.extraction.modelled.proving import Prover
from copilot.extraction.modelled.stated import Find, find_nothing
from copilot.extraction.modelled.verdicts import Proven, Refused
from copilot.gateway.structured import StructuredGateway
from copilot.handoff import StructuredModel
from copilot.messages import Turn
from copilot.prompting import PromptLibrary, Rendered
from copilot.schemas import Schema

if TYPE_CHECKING:
    from copilot.config.records import ExtractionSettings

READ, REPAIR = "extraction/read", "extraction/repair"
MOST_OUTPUT_TOKENS = 4_096
LEAST_OUTPUT_TOKENS = 256
CHARACTERS_A_TOKEN = 3  # few enough that a prompt is hardly ever longer than it was taken for
MOST_REPAIRS = 40  # fields that are asked for again


@dataclass
class _Reading:
    """One text's answers so far."""

    source: SourceText
    schema: Schema
    model: str = ""
    spent: int = 0
    answers: int = 0
    last: StructuredAnswer | None = None
    records: list[Tree] = field(default_factory=list)


class ModelExtractor:
    """Reads texts by a model. ``find`` tells what rules find in one, to check values against."""

    def __init__(
        self,
        gateway: StructuredModel | StructuredGateway,
        settings: ExtractionSettings,
        *,
        prompts: PromptLibrary,
        find: Find = find_nothing,
        new_mark: Callable[[], str] = lambda: secrets.token_hex(8),
    ) -> None:
        self._gateway = gateway
        self._settings = settings
        self._prompts = prompts
        self._find = find
        self._new_mark = new_mark
        for prompt_id in (READ, REPAIR):  # a flaw is told before anything is spent
            prompts.get(prompt_id)

    async def read(self, source: SourceText, schema: Schema) -> AsyncGenerator[Event | Drafts]:
        """Events while it works, then the drafts. Raises ModelError if no answer came.

        ModelContextError where the text alone would cost more than the budget.
        """
        reading = _Reading(source, schema, self._settings.model)
        prompt = self._prompts.get(READ).render(
            {
                "what": _what(schema),
                "many": _how_many(schema),
                "fields": asking.fields_in_words(schema),
                "when": asking.when_in_words(source),
                **self._marked(source),
            }
        )
        async with aclosing(self._ask(reading, prompt, asking.answer_schema(schema))) as events:
            async for event in events:
                yield event
        if reading.last is not None:
            candidates = await asyncio.to_thread(self._find, source)
            answered = Answered(schema, Prover(source, candidates))
            reading.records = answered.records(reading.last.data, whole=reading.last.whole)
            if schema.many and not (reading.last.whole and answered.all_read):
                yield Warned(
                    f"{source.name}: the answer was cut after {len(reading.records)} records; "
                    "the text may hold more",
                    hint="give the text in parts",
                )
            async with aclosing(self._repair(reading, answered)) as events:
                async for event in events:
                    yield event
        yield Drafts(self._drafts(reading), reading.answers, _was_read(reading))

    async def _repair(self, reading: _Reading, answered: Answered) -> AsyncGenerator[Event]:
        """Ask once more for what wasn't taken. What a failure leaves is null with its reason."""
        failing = [
            (number, slot)
            for number, record in enumerate(reading.records)
            for slot in slots(record)
            if isinstance(slot.verdict, Refused)
        ][:MOST_REPAIRS]
        if not failing:
            return
        listed = [_failing(number, slot) for number, slot in failing]
        prompt = self._prompts.get(REPAIR).render(
            {
                "what": _what(reading.schema),
                "problems": asking.failing_in_words(listed),
                "when": asking.when_in_words(reading.source),
                **self._marked(reading.source),
            }
        )
        before = reading.answers
        try:
            async with aclosing(self._ask(reading, prompt, asking.repair_schema(listed))) as events:
                async for event in events:
                    yield event
        except ModelError as error:
            many = "1 field" if len(failing) == 1 else f"{len(failing)} fields"
            what = f"{many} couldn't be asked for again: {error.message}"
            yield Warned(f"{reading.source.name}: {what}", error.hint)
        if reading.last is None or reading.answers == before:
            return
        told = reading.last.data
        for number, (_, slot) in enumerate(failing, 1):
            _take_again(answered, slot, told.get(str(number)))

    async def _ask(
        self, reading: _Reading, prompt: Rendered, json_schema: Mapping[str, Json]
    ) -> AsyncGenerator[Event]:
        """One answer, into ``reading.last``. Raises ModelError; before asking if it costs more
        than is left."""
        length = len(prompt.system) + len(prompt.user) + len(str(json_schema))
        left = self._settings.token_budget - reading.spent
        room = left - length // CHARACTERS_A_TOKEN
        if room < LEAST_OUTPUT_TOKENS:
            raise ModelContextError(
                f"a request costs more tokens than the budget has left ({left})",
                hint="raise extraction.token_budget",
            )
        request = StructuredRequest(
            model=reading.model,
            system=prompt.system,
            turns=(Turn("user", prompt.user),),
            json_schema=json_schema,
            schema_name=reading.schema.name,
            max_output_tokens=min(MOST_OUTPUT_TOKENS, room),
            token_budget=left,
            prompt=prompt.version,
        )
        yield PromptRendered(prompt.version, 0, prompt.template)
        stream = cast(
            "AsyncGenerator[ModelChosen | ModelAttempt | StructuredAnswer]",
            self._gateway.complete(request),
        )
        async with aclosing(stream) as steps:
            async for step in steps:
                if isinstance(step, StructuredAnswer):
                    reading.last = step
                    reading.answers += 1
                    continue
                if isinstance(step, ModelChosen):
                    reading.model = step.model
                elif step.usage is not None:
                    reading.spent += step.usage.input_tokens + step.usage.output_tokens
                yield step

    def _marked(self, source: SourceText) -> dict[str, str]:
        """The text and the marks that it stands between, which it doesn't hold."""
        mark = self._new_mark()
        while mark in source.text:
            mark = secrets.token_hex(8)
        return {"mark": mark, "text": source.text}

    def _drafts(self, reading: _Reading) -> list[Mapping[str, FieldValue]]:
        """The records that say what no other says; one that says nothing if there is no other."""
        kept = [tree for tree in reading.records if says_something(tree)] or reading.records[:1]
        return distinct([fields(tree, reading.model) for tree in kept])


def _was_read(reading: _Reading) -> bool:
    """Whether at least half of what the model gave was proven.

    Choices, which any words may tell, count only where there is nothing else.
    """
    given = [slot for tree in reading.records for slot in slots(tree) if slot.verdict is not None]
    told = (ValueKind.CHOICE, ValueKind.TRUTH)
    checked = [slot for slot in given if kind_of(slot.spec) not in told] or given
    return sum(isinstance(slot.verdict, Proven) for slot in checked) * 2 >= len(checked)


def _take_again(answered: Answered, slot: Slot, raw: Json) -> None:
    """The second answer about a leaf. A null there leaves the reason that the first one had."""
    before = slot.verdict
    answered.take(slot, raw)
    slot.again = True
    if slot.verdict is None:
        slot.verdict = before


def _failing(number: int, slot: Slot) -> asking.Failing:
    refused = cast("Refused", slot.verdict)
    return asking.Failing(slot.name, number, slot.spec, refused.why)


def _what(schema: Schema) -> str:
    return f"{schema.name}: {schema.description}" if schema.description else schema.name


def _how_many(schema: Schema) -> str:
    if schema.many:
        return "The text may hold several records, or none; one for each, in the text's order."
    return "The text holds one record."
