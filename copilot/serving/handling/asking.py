"""Answers calls about turns."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from copilot.bootstrap import Copilot
from copilot.calls import Ask, Call, Done, Rate, Reply, Standing, Stands
from copilot.errors import ConfigError, CopilotError
from copilot.events import Event, RunStarted, Warned
from copilot.messages import SearchFilter
from copilot.operations.flagging import halt_in_passing
from copilot.serving.handling.core import Core, Handler, blocking

if TYPE_CHECKING:
    from copilot.answering.conversing import Conversing


async def _ask(core: Core, call: Ask) -> AsyncGenerator[Event | Reply]:
    copilot = await asyncio.to_thread(core.parts_of_asking)
    conversing = copilot.conversing
    if call.quote:
        conversing = replace(conversing, parts=replace(conversing.parts, writing=None))
    elif call.model and call.model != copilot.answers_first:
        conversing = await asyncio.to_thread(copilot.conversing_with, call.model)
    if call.attached:
        conversing = await asyncio.to_thread(_about_attached, copilot, conversing, call)
    turn = conversing.ask(
        call.text,
        conversation=call.conversation,
        where=_narrowed(copilot.where, call.path, call.paths),
        instead_of=call.instead_of,
    )
    async with aclosing(turn) as events:
        async for event in events:
            yield event
            if isinstance(event, RunStarted):
                for warning in core.told():
                    yield warning
    # Nobody waits for it: the next turn tells what came of it.
    asyncio.get_running_loop().run_in_executor(None, halt, core, copilot)
    yield Done()


def halt(core: Core, copilot: Copilot) -> None:
    """Halt what does harm, for the next turn to tell. Blocks."""
    from copilot.telemetry.alerting import halt_sentence

    halted = halt_in_passing(copilot)
    if halted:
        hint = "everybody gets control; `copilot stats experiment` has the figures"
        for one in halted:
            core.tell(Warned(halt_sentence(one.experiment, one.why), hint), *one.notices)


def _narrowed(where: SearchFilter, path: str, paths: tuple[str, ...]) -> SearchFilter:
    prefix = str(Path(path).absolute()) if path else where.path_prefix
    return replace(where, path_prefix=prefix, paths=paths)


def _about_attached(copilot: Copilot, conversing: Conversing, call: Ask) -> Conversing:
    from copilot.knowledge.attached import AttachedSearcher

    there = copilot.attaching.attached(call.conversation)
    passages = copilot.attaching.passages(call.conversation, call.attached)
    searcher = AttachedSearcher(passages, copilot.searcher, copilot.embedder)
    names = tuple(one.name for one in there if one.id in call.attached)
    return replace(conversing, parts=replace(conversing.parts, searcher=searcher, attached=names))


def _standing(copilot: Copilot, call: Standing) -> Stands:
    from copilot.gateway.deployments import configured
    from copilot.proposals import ProposalState
    from copilot.runs import RunFilter
    from copilot.telemetry.limits import day_alert_usd, day_limit_usd

    now = copilot.clock.now()
    today = now.astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    warnings = list(copilot.warnings)
    spent: float | None = None
    limit: float | None = None
    synced_at = ""
    waiting = 0
    try:
        with copilot.run_reader.at_once() as reader:
            [row] = reader.stats(RunFilter(since=today), by="")
            standing = reader.standing()
        synced, limit = standing.synced_at, day_limit_usd(standing.budgets, now)
        spent = row.cost_microusd / 1_000_000
        synced_at = synced.isoformat() if synced is not None else ""
    except CopilotError as error:
        warnings.append(error.message)
    try:
        waiting = len(copilot.delivery.outbox.overview([ProposalState.WAITING]).standings)
    except CopilotError as error:
        warnings.append(error.message)
    return Stands(
        model=copilot.answers_first,
        principal=copilot.settings.principal.name,
        spent_usd=spent,
        synced_at=synced_at,
        waiting=waiting,
        warnings=tuple(warnings),
        limit_usd=limit,
        alert_usd=day_alert_usd(copilot.settings.alerts.rules, now),
        models=configured(copilot.settings),
    )


def _rate(copilot: Copilot, call: Rate) -> Done:
    from copilot.ledger.feedback import feedback, give

    if not copilot.settings.ledger.enabled:
        raise ConfigError(
            "feedback has nowhere to go: the ledger is switched off", hint="ledger.enabled = true"
        )
    given = feedback(
        call.rating,
        principal=copilot.settings.principal.name,
        tags=(),
        comment=call.comment,
        correction=call.correction or None,
    )
    give(copilot.run_writer, call.run_id, given)
    return Done()


HANDLERS: Mapping[type[Call], Handler] = {
    Ask: _ask,
    Standing: blocking(_standing),
    Rate: blocking(_rate),
}
