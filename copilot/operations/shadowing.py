"""Has recorded questions answered by every variant of an experiment, for nobody to see.

Invariant: nothing of it is shown, kept in a conversation, kept to be given again, or counted among
what people saw: its runs are of the kind ``shadow``. What it costs counts for budgets.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from copilot import __version__
from copilot.answering.replaying import plan
from copilot.answering.trying import needs_model
from copilot.answering.turn import Question, ask
from copilot.bootstrap import Copilot
from copilot.errors import ConfigError, CopilotError
from copilot.events import Event, RunFinished, RunStarted
from copilot.flags import Experiment
from copilot.flags.deciding import BUCKETS, bucket
from copilot.ledger.recording import record
from copilot.messages import Status
from copilot.noting import note
from copilot.records import FlagEvaluated
from copilot.runs import RunFilter, RunSummary

_LOOKED_AT = 2_000  # recorded asks, the newest
_LIMITED = "a budget is spent, so it and the rest are left: `copilot models budget`"


@dataclass(frozen=True, slots=True)
class Shadowed:
    """One question of a run, answered by every variant; or ``error``, why it couldn't be.

    ``limited``: a budget is spent, so this question and the rest are left to another time.
    """

    run_id: str
    statuses: tuple[tuple[str, str], ...] = ()
    cost_microusd: int = 0
    error: str = ""
    limited: bool = False


def chosen(
    copilot: Copilot, experiment: Experiment, *, runs: int, share: float, since: datetime | None
) -> list[RunSummary]:
    """The newest recorded asks that weren't shadowed yet: each question once.

    ``share`` of them, by their ids. Raises StorageError, and ConfigError where nothing can be
    tried for want of a model.
    """
    if copilot.writing is None and needs_model(experiment.overridden):
        raise ConfigError(
            f"{experiment.name} tries what a model is asked, and no model is configured",
            hint="set models.answer",
        )
    given: dict[str, set[str]] = {}
    for one in copilot.trial_reader.tried(experiment.name, unit="", kind="shadow"):
        given.setdefault(one.unit, set()).add(one.variant)
    every = {one.name for one in experiment.variants}
    done = {question for question, variants in given.items() if variants >= every}
    asked = copilot.run_reader.runs(RunFilter(kind="ask", since=since), limit=_LOOKED_AT)
    return list(_anew(asked, done, experiment.name, share))[:runs]


def _anew(
    asked: Sequence[RunSummary], done: set[str], name: str, share: float
) -> Iterator[RunSummary]:
    for run in asked:
        digest = hashlib.sha256((run.question or "").encode()).hexdigest()
        if not run.question or digest in done:
            continue
        if bucket("shadow", name, "", run.id) < round(share * BUCKETS):
            done.add(digest)
            yield run


async def shadowed(
    copilot: Copilot, experiment: Experiment, runs: Sequence[RunSummary]
) -> AsyncGenerator[Shadowed]:
    """Each question by each variant, control first, with the index as it is now.

    Until a budget is spent: quotes in place of answers would compare nothing.
    """
    for run in runs:
        try:
            question = await asyncio.to_thread(_question, copilot, run)
            ends: list[tuple[str, RunFinished]] = []
            for one in experiment.variants:
                ends.append((one.name, await _asked(copilot, experiment, one.name, question)))
                if ends[-1][1].status is Status.LIMITED:
                    break
        except CopilotError as error:
            yield Shadowed(run.id, error=error.message)
        else:
            spent = sum(_cost(end) for _, end in ends)
            told = tuple((name, str(end.status)) for name, end in ends)
            limited = ends[-1][1].status is Status.LIMITED
            yield Shadowed(run.id, told, spent, _LIMITED if limited else "", limited)
            if limited:
                return


def _question(copilot: Copilot, run: RunSummary) -> Question:
    planned = plan(
        copilot.run_reader.run(run.id),
        copilot.index,
        who=copilot.where.principal,
        now=True,
        program=__version__,
        model=copilot.answers_first,
    )
    return replace(planned.question, kind="shadow")


async def _asked(
    copilot: Copilot, experiment: Experiment, variant: str, question: Question
) -> RunFinished:
    parts = replace(copilot.ask_parts, caching=None)
    parts = await asyncio.to_thread(copilot.trials.with_variant, experiment.variant(variant), parts)
    told = FlagEvaluated(experiment.name, variant, "split", question.where.principal.name)
    run = record(_marked(ask(question, parts), told), copilot.run_writer)
    finished: RunFinished | None = None
    async with aclosing(run) as events:
        async for event in events:
            if isinstance(event, RunFinished):
                finished = event
    assert finished is not None
    return finished


async def _marked(stream: AsyncIterator[Event], told: FlagEvaluated) -> AsyncIterator[Event]:
    async with aclosing(cast("AsyncGenerator[Event]", stream)) as events:
        async for event in events:
            yield event
            if isinstance(event, RunStarted):
                note(told)


def _cost(finished: RunFinished) -> int:
    return 0 if finished.answer is None else finished.answer.usage.cost_microusd or 0
