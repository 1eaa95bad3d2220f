"""What ``copilot ask`` and ``copilot demo`` share: run a turn, show it, keep the conversation.

Invariant: the answer that is printed, the envelope and the ledger come from the same events.
"""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

from copilot.answering.turn import Question, ask
from copilot.bootstrap import Copilot
from copilot.cli import console
from copilot.cli.answers import AnswerPrinter, answer_envelope
from copilot.cli.batches import BatchLine, read_batch
from copilot.errors import CopilotError, ExitCode, InternalError
from copilot.events import RunFinished, Warned
from copilot.guard.terminal import clean_line
from copilot.ledger.recording import record
from copilot.messages import SearchFilter, Status, Turn

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
    history = tuple(copilot.conversations.load(conversation))
    question = Question(
        text=text, conversation=conversation, history=history, where=narrowed(copilot, path)
    )
    printer = None if console.json_mode() else AnswerPrinter(copilot.settings.output)
    finished = await run_turn(copilot, question, printer)
    remember(copilot, conversation, text, finished)
    if printer is None:
        console.emit(answer_envelope(finished))
    return int(_EXIT_CODES.get(finished.status, ExitCode.DONE))


async def run_turn(
    copilot: Copilot, question: Question, printer: AnswerPrinter | None
) -> RunFinished:
    """Run one recorded turn and show its events as they come."""
    finished: RunFinished | None = None
    # Closed here and now when its reader goes: what the model is doing then is recorded too.
    async with aclosing(record(ask(question, copilot.ask_parts), copilot.run_writer)) as events:
        async for event in events:
            if printer is not None:
                printer.show(event)
            elif isinstance(event, Warned):
                console.err(clean_line(f"copilot: {event.message}"))
            if isinstance(event, RunFinished):
                finished = event
    if finished is None:
        raise InternalError("the turn ended without a result")
    return finished


async def ask_batch(copilot: Copilot, batch: str, *, path: str = "") -> int:
    """Answer many questions in one process, in input order; a bad line is one error line."""
    failed = False
    for line in read_batch(batch):
        if isinstance(line, BatchLine):
            try:
                where = line.filters.narrow(narrowed(copilot, path))
                question = Question(text=line.question, history=line.history, where=where)
                finished = await run_turn(copilot, question, None)
            except CopilotError as error:
                failed = True
                console.emit({"id": line.id, **console.error_envelope(error)})
            else:
                console.emit({"id": line.id, **answer_envelope(finished)})
        else:
            failed = True
            console.emit({"id": line.id, **console.error_envelope(line.error)})
    return int(ExitCode.PARTIAL if failed else ExitCode.DONE)


def narrowed(copilot: Copilot, path: str) -> SearchFilter:
    """What the principal may see, under ``path`` if one is given."""
    if not path:
        return copilot.where
    return replace(copilot.where, path_prefix=str(Path(console.typed(path)).absolute()))


def remember(copilot: Copilot, conversation: str, text: str, finished: RunFinished) -> None:
    """Keep the turn for follow-ups. An answer that can't be kept is still an answer."""
    if finished.answer is None or not finished.answer.text:
        return
    turns = [Turn("user", text.strip()), Turn("assistant", finished.answer.text)]
    try:
        who = copilot.settings.principal.name
        copilot.conversations.append(conversation, turns, by=who)
    except CopilotError as error:
        console.err(clean_line(f"copilot: the conversation could not be kept: {error.message}"))
