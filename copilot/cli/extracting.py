"""Runs ``copilot extract``: many inputs at a time, shown in the order in which they came.

Invariant: each input gives its lines, records or one error, all at once and in its turn; what is
printed, what is recorded and what is handed to a sink come from the same events.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from copilot.cli import console
from copilot.cli.handing import proposal_part
from copilot.cli.kept_lines import LinesFile
from copilot.cli.record_views import record_lines
from copilot.cli.styling import Styler
from copilot.codec import to_plain
from copilot.errors import CopilotError, ExitCode, InternalError, UsageError
from copilot.events import RecordExtracted, RunFinished, RunStarted, UsageReported, Warned
from copilot.extracted import ExtractedRecord, SourceText
from copilot.extraction.envelopes import record_envelope
from copilot.extraction.extracting import ExtractParts, extract
from copilot.extraction.items import Item
from copilot.guard.terminal import clean_line
from copilot.ledger.recording import record
from copilot.messages import Status, Usage
from copilot.ports import RunWriter
from copilot.proposals import Standing
from copilot.schemas import Schema


@dataclass
class Extracted:
    """What one input came to. ``lines``: its JSON, where that was made by who read it."""

    records: list[ExtractedRecord] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    usage: Usage = field(default_factory=lambda: Usage(model="rules"))
    run_id: str = ""
    error: CopilotError | None = None
    standings: list[Standing] = field(default_factory=list)
    invalid: bool = False
    limited: bool = False
    lines: str = ""

    def in_lines(self, item: Item, *, escaped: bool) -> str:
        """Its envelopes, one a record or one for the error, each a line of JSON."""
        return self.lines or "".join(
            f"{json.dumps(to_plain(_versioned(one)), ensure_ascii=escaped)}\n"
            for one in self.envelopes(item)
        )

    def envelopes(self, item: Item) -> list[dict[str, Any]]:
        """One a record, or one for the error."""
        text = item.text
        if self.error is not None or not isinstance(text, SourceText):
            return [self._error_line(item)]
        envelopes = [
            record_envelope(
                one, text, run_id=self.run_id, usage=self.usage, records=len(self.records)
            )
            for one in self.records
        ]
        proposed = iter(self.standings)
        for envelope in envelopes:
            if self.standings and envelope["status"] == "valid":
                envelope["proposal"] = proposal_part(next(proposed))
        if item.id is not None:
            envelopes = [{**envelope, "id": item.id} for envelope in envelopes]
        return envelopes

    def _error_line(self, item: Item) -> dict[str, Any]:
        digest = item.text.digest if isinstance(item.text, SourceText) else ""
        error = self.error or InternalError(f"{item.name} was not read")
        named = {} if item.id is None else {"id": item.id}
        source = {"name": item.name, "sha256": digest, "records": 1}
        return {**named, **console.error_envelope(error), "source": source}


Read = Callable[[Sequence[Item]], Awaitable[Sequence[Extracted]]]
Take = Callable[[Item, Extracted], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Extraction:
    """One schema, and what reads it. ``writer`` gives what records a run."""

    schema: Schema
    parts: ExtractParts
    writer: Callable[[], RunWriter]

    async def one(self, item: Item) -> Extracted:
        """Read one input; an error is its result, not ours."""
        found = Extracted()
        if isinstance(item.text, CopilotError):
            found.error = item.text
            return found
        try:
            events = record(extract(item.text, self.schema, self.parts), self.writer())
            async with aclosing(events):
                async for event in events:
                    match event:
                        case RunStarted():
                            found.run_id = event.run_id
                        case RecordExtracted():
                            found.records.append(event.record)
                            found.invalid |= event.record.status == "invalid"
                        case UsageReported():
                            found.usage = event.usage
                        case RunFinished():
                            found.limited = event.status is Status.LIMITED
                        case Warned(message, hint):
                            found.warnings.append(f"{message} ({hint})" if hint else message)
                        case _:
                            pass
        except CopilotError as error:
            found.error = error
        return found

    async def read(self, items: Sequence[Item]) -> Sequence[Extracted]:
        """Read several inputs, one after the other."""
        return [await self.one(item) for item in items]


@dataclass(frozen=True, slots=True)
class Reading:
    """What reads inputs, ``at_once`` groups at a time.

    A group is one input at first, so that all who read soon have something to do, and ``most`` in
    the end.
    """

    read: Read
    at_once: int = 1
    most: int = 1

    async def all(self, items: Iterable[Item | None], take: Take) -> ExitCode:
        """Read all inputs and have them taken, one after the other; the exit code.

        Before more is waited for, where an item is None, all that came is read and taken.
        """
        waiting: deque[tuple[list[Item], asyncio.Future[Sequence[Extracted]]]] = deque()
        code, begun, source, paused = ExitCode.DONE, 0, iter(items), False
        try:
            while True:
                while len(waiting) < self.at_once and not paused:
                    group, paused = _next(source, min(self.most, 1 + begun // self.at_once))
                    if not group:
                        break
                    waiting.append((group, asyncio.ensure_future(self.read(group))))
                    begun += 1
                if not waiting and not paused:
                    return code
                if not waiting:
                    paused = False
                    continue
                group, reading = waiting[0]
                found = await reading
                waiting.popleft()
                for item, one in zip(group, found, strict=True):
                    await take(item, one)
                    if one.error is not None or one.invalid:
                        code = ExitCode.PARTIAL
                    elif one.limited and code is ExitCode.DONE:
                        code = ExitCode.LIMIT
        finally:
            for _, reading in waiting:
                reading.cancel()
            await asyncio.gather(*(one for _, one in waiting), return_exceptions=True)


def _next(source: Iterator[Item | None], most: int) -> tuple[list[Item], bool]:
    """The next items, and whether more of them would have to be waited for."""
    group: list[Item] = []
    for item in source:
        if item is None:
            return group, True
        group.append(item)
        if len(group) == most:
            break
    return group, False


class Shown:
    """Where results go: a terminal for people, JSON lines for everyone else."""

    def __init__(self, *, people: bool, colour: bool, kept: LinesFile | None) -> None:
        self.people = people
        self._style = Styler(on=colour)
        self._kept = kept
        self._done = 0
        self._failed = 0

    @property
    def escaped(self) -> bool:
        """Whether letters beyond ASCII stand as escapes in lines of JSON."""
        return self._kept is not None or console.escapes()

    def show(self, item: Item, found: Extracted) -> None:
        """Print one input's lines, or keep them in the file."""
        self._done += 1
        self._failed += found.error is not None
        for warning in found.warnings:
            console.err(clean_line(f"copilot: {warning}"))
        if found.error is not None:
            hint = f" ({found.error.hint})" if found.error.hint else ""
            console.err(clean_line(f"copilot: {found.error.message}{hint}"))
        if self._kept is not None:
            self._kept.add(found.in_lines(item, escaped=self.escaped))
        elif not self.people:
            console.out(found.in_lines(item, escaped=self.escaped), end="")
            console.flush()
        else:
            for one in found.records:
                console.out("\n".join(record_lines(one, self._style)))

    def summary(self) -> str:
        """What was done so far, for the progress line; nothing for a single input."""
        failed = f", {self._failed} failed" if self._failed else ""
        return f"{self._done} read{failed}" if self._done > 1 else ""


def _versioned(envelope: dict[str, Any]) -> dict[str, Any]:
    return {"schema_version": console.SCHEMA_VERSION, **envelope}


def still_to_do(
    items: Iterator[Item | None], kept: LinesFile | None, schema: Schema
) -> Iterator[Item | None]:
    """The inputs that an interrupted run left; UsageError when it wasn't a run over these."""
    done = kept.done if kept is not None else []
    for number, was in enumerate(done, start=1):
        item = next((one for one in items if one is not None), None)
        digest = item.text.digest if item and isinstance(item.text, SourceText) else ""
        right = not was.schema or (was.schema, was.schema_version) == (schema.name, schema.version)
        if item is None or was.digest != digest or not right:
            path = kept.path if kept is not None else ""
            raise UsageError(
                f"input {number} isn't what {path} holds as number {number}",
                hint="The same schema and inputs go on with it; for others, name another file.",
            )
    yield from items
