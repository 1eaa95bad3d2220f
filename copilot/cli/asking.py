"""What ``copilot ask`` and ``copilot demo`` share: run a turn, show it, keep the conversation.

Invariant: the answer that is printed, the envelope and the ledger come from the same events.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

from copilot.answering.trying import ask_trying
from copilot.answering.turn import Question
from copilot.bootstrap import Copilot
from copilot.cli import console
from copilot.cli.answers import AnswerPrinter, answer_envelope
from copilot.cli.batches import BatchLine, read_batch
from copilot.errors import CopilotError, ExitCode, InternalError
from copilot.events import Event, RunFinished, Warned
from copilot.guard.terminal import clean_line
from copilot.ledger.recording import record
from copilot.messages import SearchFilter, Status
from copilot.operations.flagging import halt_in_passing
from copilot.operations.following import Following

_EXIT_CODES = {
    Status.ABSTAINED: ExitCode.ABSTAINED,
    Status.REFUSED: ExitCode.DENIED,
    Status.LIMITED: ExitCode.LIMIT,
    Status.FAILED: ExitCode.MODEL,
}


def conversation_name(copilot: Copilot, name: str, *, continue_last: bool) -> str:
    """The conversation to go on with; a new name when there is none."""
    if name:
        return name
    last = copilot.conversations.last() if continue_last else None
    if last is not None:
        return last
    if continue_last:
        console.err("copilot: no conversation to go on with; a new one begins")
    return copilot.clock.now().strftime("%Y%m%d-%H%M%S-%f")


async def ask_one(copilot: Copilot, text: str, *, conversation: str, path: str = "") -> int:
    """Answer one question on the terminal or as one envelope; returns the exit code."""
    printer = None if console.json_mode() else AnswerPrinter(copilot.settings.output)
    events = copilot.conversing.ask(text, conversation=conversation, where=narrowed(copilot, path))
    finished = await show_turn(events, printer)
    if printer is None:
        console.emit(answer_envelope(finished))
    console.flush()
    await asyncio.to_thread(halt, copilot)
    return int(_EXIT_CODES.get(finished.status, ExitCode.DONE))


def halt(copilot: Copilot) -> None:
    """Look, once the result is shown, whether an experiment does harm."""
    from copilot.telemetry.alerting import halt_sentence

    for halted in halt_in_passing(copilot):
        told = halt_sentence(halted.experiment, halted.why)
        console.err(clean_line(f"copilot: {told}"))
        for notice in halted.notices:
            console.caution(notice.message, notice.hint)


async def show_turn(events: AsyncGenerator[Event], printer: AnswerPrinter | None) -> RunFinished:
    """Show the events of a turn as they come; without a printer only what is amiss."""
    finished: RunFinished | None = None
    async with aclosing(events):
        async for event in events:
            if printer is not None:
                printer.show(event)
            elif isinstance(event, Warned):
                console.caution(event.message, event.hint)
            if isinstance(event, RunFinished):
                finished = event
    if finished is None:
        raise InternalError("the turn ended without a result")
    return finished


async def ask_batch(overrides: Mapping[str, object], batch: str, *, path: str = "") -> int:
    """Answer many questions in one process, in input order; a bad line is one error line.

    Each is asked under the release that is in force by then. Raises ConfigError.
    """
    following = Following(overrides)
    copilot = following.now()
    console.warn(copilot.warnings)
    failed = limited = False
    for line in read_batch(batch):
        if isinstance(line, BatchLine):
            copilot = following.now()
            for told in following.told():
                console.caution(told.message, told.hint)
            try:
                where = line.filters.narrow(narrowed(copilot, path))
                question = Question(text=line.question, history=line.history, where=where)
                turn = record(
                    ask_trying(question, copilot.ask_parts, copilot.trials), copilot.run_writer
                )
                finished = await show_turn(turn, None)
            except CopilotError as error:
                failed = True
                console.emit({"id": line.id, **console.error_envelope(error)})
            else:
                limited = limited or finished.status is Status.LIMITED
                console.emit({"id": line.id, **answer_envelope(finished)})
        else:
            failed = True
            console.emit({"id": line.id, **console.error_envelope(line.error)})
    await asyncio.to_thread(halt, copilot)
    if failed:
        return int(ExitCode.PARTIAL)
    return int(ExitCode.LIMIT if limited else ExitCode.DONE)


def narrowed(copilot: Copilot, path: str) -> SearchFilter:
    """What the principal may see, under ``path`` if one is given."""
    if not path:
        return copilot.where
    return replace(copilot.where, path_prefix=str(Path(console.typed(path)).absolute()))
