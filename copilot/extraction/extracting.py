"""One text, one schema: the records in it, as a stream of events.

Invariant: a stream ends in one ``RunFinished`` or raises; a model that fails never fails the run,
since rules read the text then and say so; nothing is told of a record before it was proven.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Protocol

from copilot.errors import BudgetError, ModelError, ModelOffError, SkippedInputError
from copilot.events import (
    Event,
    ModelAttempt,
    ModelChosen,
    RecordExtracted,
    RunFinished,
    RunStarted,
    UsageReported,
    Warned,
)
from copilot.extracted import ExtractedRecord, SourceText
from copilot.extraction.assembling import Draft, PlainText, assemble
from copilot.extraction.filling_in import filled_in, lacking, stated
from copilot.extraction.reading import MOST_READ
from copilot.guard.injection import suspicions
from copilot.messages import Principal, Status, Usage
from copilot.metering import total_usage
from copilot.noting import note
from copilot.ports import Clock, NewId
from copilot.records import FlagEvaluated
from copilot.schemas import Schema


@dataclass(frozen=True, slots=True)
class Drafts:
    """What a model made of a text; ``answers``: how often it was asked.

    ``read``: False where most of what it gave couldn't be proven, so that what could is chance.
    """

    drafts: Sequence[Draft]
    answers: int = 1
    read: bool = True


class ModelReads(Protocol):
    """A model that reads drafts out of texts, and tells its name as a ``ModelChosen``."""

    def read(self, source: SourceText, schema: Schema) -> AsyncGenerator[Event | Drafts]:
        """Events while it works, then the drafts. Raises ModelError."""
        ...


RulesRead = Callable[[SourceText, Schema], Awaitable[Sequence[Draft]]]


@dataclass(frozen=True, slots=True)
class ExtractParts:
    """What an extraction works with. ``model`` is None when rules alone read.

    ``release``: the id of all that decides what is read. ``trying`` tells, for each text, what it
    is to be read with instead, for experiments.
    """

    rules: RulesRead
    model: ModelReads | None
    principal: Principal
    clock: Clock
    new_id: NewId
    release: str = ""
    trying: Callable[[ExtractParts], Trial] | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """What a text is read with, and what is told of that."""

    parts: ExtractParts
    told: tuple[FlagEvaluated, ...] = ()
    warnings: tuple[Warned, ...] = ()


@dataclass
class _Run:
    """What is known of the run that passes by."""

    id: str
    spent: list[Usage] = field(default_factory=list)
    drafts: Sequence[Draft] = ()
    answers: int = 0
    failure: ModelError | None = None
    model: str = "the model"


async def extract(source: SourceText, schema: Schema, parts: ExtractParts) -> AsyncIterator[Event]:
    """Read the records out of one text; ``RecordExtracted`` for each, in the text's order.

    A text gives one record at least, be it all null; several if the schema says so. Raises
    SkippedInputError for a text without words.
    """
    began, run = parts.clock.monotonic(), _Run(parts.new_id())
    trial = Trial(parts)
    if parts.trying is not None:
        trial = await asyncio.to_thread(parts.trying, parts)
        parts = trial.parts
    yield RunStarted(
        run_id=run.id,
        kind="extract",
        question=f"{schema.name} from {source.name}",
        conversation="",
        principal=parts.principal.name,
        started_at=parts.clock.now(),
        release=parts.release,
    )
    for one in trial.told:
        note(one)
    for warning in trial.warnings:
        yield warning
    if not any(character.isalnum() for character in source.text):
        raise SkippedInputError(f"{source.name} holds no text", hint="Nothing to extract from it.")
    plain = PlainText.of(source)
    async with aclosing(_drafts(plain.source, schema, parts, run)) as events:
        async for event in events:
            yield event
    found = suspicions(plain.source.text)
    for what in found:
        yield Warned(f"{source.name} {what}", hint="it is read as data; look at the record twice")
    for record in _records(run, schema, source, plain, found, parts.new_id):
        yield RecordExtracted(record, answers=run.answers)
    yield UsageReported(total_usage(run.spent[-1].model if run.spent else "rules", run.spent))
    yield RunFinished(
        run_id=run.id,
        status=_status(run.failure),
        answer=None,
        latency_ms=(parts.clock.monotonic() - began) * 1000,
    )


async def _drafts(
    source: SourceText, schema: Schema, parts: ExtractParts, run: _Run
) -> AsyncGenerator[Event]:
    """Fill ``run.drafts``: by the model; by rules where there is none, and in what it failed at."""
    if parts.model is not None:
        try:
            async with aclosing(parts.model.read(source, schema)) as steps:
                async for step in steps:
                    if isinstance(step, Drafts):
                        run.drafts = stated(step.drafts) if step.read else ()
                        run.answers = step.answers
                        if not step.read:
                            yield _unread(source, run.model)
                        continue
                    if isinstance(step, ModelChosen):
                        run.model = step.model
                    if isinstance(step, ModelAttempt) and step.usage is not None:
                        run.spent.append(step.usage)
                    yield step
            if lacking(run.drafts):
                run.drafts = filled_in(run.drafts, await parts.rules(source, schema))
        except ModelError as error:
            run.failure = error
            what = "over budget: " if isinstance(error, BudgetError) else "the model failed: "
            what = "" if isinstance(error, ModelOffError) else what
            failed = f"{source.name}: {what}{error.message}; rules read the text"
            yield Warned(failed, error.hint)
    if parts.model is None or run.failure is not None:
        why = "no model is configured" if run.failure is None else "the model failed"
        yield ModelChosen("rules", why, route="extract")
        if len(source.text) > MOST_READ:
            read = f"{source.name} is long: rules read its first {MOST_READ:,} characters"
            yield Warned(read, hint="give the part that matters, if it stands behind them")
        run.drafts = await parts.rules(source, schema)


def _status(failure: ModelError | None) -> Status:
    if isinstance(failure, BudgetError):
        return Status.LIMITED
    return Status.ANSWERED if failure is None else Status.DEGRADED


def _unread(source: SourceText, model: str) -> Warned:
    return Warned(
        f"{source.name}: of what {model} gave, most wasn't proven; rules read the text",
        hint="choose a stronger extraction.model",
    )


def _records(
    run: _Run,
    schema: Schema,
    source: SourceText,
    plain: PlainText,
    found: tuple[str, ...],
    new_id: NewId,
) -> list[ExtractedRecord]:
    drafts = list(run.drafts) or [{}]
    return [
        assemble(
            draft,
            schema,
            source,
            plain=plain,
            record_id=new_id(),
            ordinal=ordinal,
            suspicions=found,
        )
        for ordinal, draft in enumerate(drafts if schema.many else drafts[:1])
    ]
