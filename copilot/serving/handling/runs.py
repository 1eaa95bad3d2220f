"""Answers calls about runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from pathlib import Path

from copilot.bootstrap import Copilot
from copilot.calls import Call, Reply
from copilot.calls.runs import (
    ExplainRun,
    ExportRun,
    ListRuns,
    PassageShown,
    ReplayRun,
    RunExplained,
    RunExported,
    RunReplayed,
    Runs,
    ShowPassage,
)
from copilot.events import Event, Warned
from copilot.serving.handling.core import Core, Handler, blocking


def _listed(copilot: Copilot, call: ListRuns) -> Runs:
    from copilot.ledger.dating import dated_ahead
    from copilot.ledger.queries import choice

    now = copilot.clock.now()
    where, text = choice(call.choice, now)
    reader = copilot.run_reader
    found = reader.runs(where, limit=call.limit + 1, text=text, after=call.after)
    notices = [_line(notice) for notice in reader.notices]
    if call.after is None:
        notices += dated_ahead(found, now)
        off = not copilot.settings.ledger.enabled
        notices += ["nothing is recorded now: ledger.enabled is false"] if off else []
    return Runs(tuple(found[: call.limit]), len(found) > call.limit, tuple(notices))


def _line(notice: Warned) -> str:
    return notice.message + (f" ({notice.hint})" if notice.hint else "")


def _explained(copilot: Copilot, call: ExplainRun) -> RunExplained:
    from copilot.ledger.explaining import explained

    return RunExplained(explained(copilot.outbound.reader, call.run))


def _passage(copilot: Copilot, call: ShowPassage) -> PassageShown:
    from copilot.answering.replaying import passage_then

    run = copilot.run_reader.run(call.run_id)
    who = copilot.where.principal
    found = passage_then(run, call.passage_id, copilot.index, who=who)
    return PassageShown(found.path, found.title, found.heading_path, found.locator, found.text)


async def _replayed(core: Core, call: ReplayRun) -> AsyncGenerator[Event | Reply]:
    copilot = await asyncio.to_thread(core.parts_of_asking)
    from copilot.operations.replays import replay
    from copilot.reruns import Replayed

    run = await asyncio.to_thread(copilot.run_reader.run, call.run_id)
    async with aclosing(replay(copilot, run, today=call.today)) as steps:
        async for step in steps:
            yield RunReplayed(step) if isinstance(step, Replayed) else step


def _exported(copilot: Copilot, call: ExportRun) -> RunExported:
    from copilot.answering.conversations import write_out
    from copilot.audit.noting import note
    from copilot.guard.redaction import redact
    from copilot.ledger.exporting import json_line

    run = copilot.run_reader.run(call.run_id)
    line = json_line(run, lambda text: redact(text).text, ascii_only=False)
    path = Path(call.path).expanduser().absolute()
    written = write_out(path, line + "\n", replace=call.replace)
    if written:
        note(
            lambda: copilot.audit_trail,
            "runs.export",
            "json",
            principal=copilot.settings.principal.name,
            texts=1,
            redacted=True,
        )
    return RunExported(str(path), written)


HANDLERS: Mapping[type[Call], Handler] = {
    ListRuns: blocking(_listed),
    ExplainRun: blocking(_explained),
    ShowPassage: blocking(_passage),
    ReplayRun: _replayed,
    ExportRun: blocking(_exported),
}
