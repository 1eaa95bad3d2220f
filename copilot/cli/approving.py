"""Asks a person at the terminal whether a proposal may be written.

Invariant: a question goes to the terminal itself, never to a pipe; whatever isn't a clear yes
writes nothing. ``always`` holds for this process and one kind, and never for a suspicious one.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import shlex
import subprocess
import sys
import tempfile
import termios
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, TextIO

from copilot.actions.identity import digest_of
from copilot.cli import console
from copilot.cli.proposal_views import brief, full
from copilot.cli.styling import Styler
from copilot.codec import to_plain
from copilot.errors import ConfigError, StoppedError
from copilot.extracted import FieldError, Json
from copilot.guard.terminal import clean_line
from copilot.ports import Clock
from copilot.proposals import Decision, Proposal

Check = Callable[[Mapping[str, Json]], Sequence[FieldError]]
_KEYS = "y once, e edit, d full diff, n reject, a always for this kind, s later, q stop"
_SHORT = "[y/e/d/n/a/s/q] "
_MEANT = {
    **{word: word[0] for word in ("yes", "edit", "diff", "no", "always", "skip", "quit")},
    **{key: key for key in "yednasq"},
    "later": "s",
    "stop": "q",
    "\x04": "q",
}


def person_here() -> bool:
    """Whether there is a terminal to ask at, and nobody who reads JSON in its place."""
    if console.json_mode() or not console.is_terminal("stderr"):
        return False
    if console.is_terminal("stdin"):
        return True
    try:
        with _terminal():
            return True
    except OSError:
        return False


@dataclass
class TerminalApprover:
    """``check_for`` gives a schema's check by its name, None where there is no such schema."""

    principal: str
    clock: Clock
    check_for: Callable[[str], Check | None]
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)
    _always: set[tuple[str, ...]] = field(default_factory=set)
    _stopped: bool = False

    async def decide(self, proposal: Proposal, *, rule: str) -> Decision | Proposal | None:
        async with self._one_at_a_time:
            return None if self._stopped else await self._decided(proposal, rule)

    async def _decided(self, proposal: Proposal, rule: str) -> Decision | Proposal | None:
        kind = (proposal.sink, proposal.target, proposal.schema, proposal.write.operation)
        suspicious = proposal.taint.injection or proposal.taint.unproven
        if kind in self._always and not suspicious:
            return self._said("approved", proposal, "always, for this kind")
        style = Styler(on=console.colour() and console.is_terminal("stderr"))
        _show([*brief(proposal, style), f"  asked because: {clean_line(rule)}", f"  {_KEYS}"])
        while True:
            match meant(await _ask(_SHORT)):
                case "y":
                    return self._said("approved", proposal)
                case "n":
                    return self._said("rejected", proposal, (await _ask("Why? ")).strip())
                case "a" if suspicious:
                    _show(["  Not for a suspicious one: it is asked each time."])
                case "a":
                    self._always.add(kind)
                    return self._said("approved", proposal, "always, for this kind")
                case "d":
                    _show(full(proposal, style))
                case "e":
                    edited = await self._edited(proposal)
                    if edited is not None:
                        return edited
                case "s":
                    return None
                case "q":
                    self._stopped = True
                    return None
                case _:
                    _show([f"  {_KEYS}"])

    def _said(
        self, verdict: Literal["approved", "rejected"], proposal: Proposal, reason: str = ""
    ) -> Decision:
        return Decision(
            verdict=verdict,
            by="person",
            principal=self.principal,
            at=self.clock.now(),
            digest=digest_of(proposal),
            reason=reason,
        )

    async def _edited(self, proposal: Proposal) -> Proposal | None:
        """What was made of the record in the editor; None when it was left as it is."""
        check = self.check_for(proposal.schema)
        if proposal.undoes or check is None:
            why = "undoes another one" if proposal.undoes else f"needs the schema {proposal.schema}"
            _show([clean_line(f"  It can't be edited here: it {why}.")])
            return None
        text = json.dumps(to_plain(proposal.record), indent=2, ensure_ascii=False) + "\n"
        while True:
            try:
                text, changed = edit(text, self.environment)
            except ConfigError as error:
                _show([clean_line(f"  {error.message} ({error.hint})")])
                return None
            record, problems = record_in(text, check)
            if not changed or (record is not None and record == to_plain(proposal.record)):
                _show(["  Nothing was changed."])
                return None
            if record is not None:
                return replace(proposal, record=record)
            _show(f"  {clean_line(problem)}" for problem in problems)
            if (await _ask("Edit again? [Y/n] ")).strip().lower() not in ("", "y", "yes"):
                return None


def edit(text: str, environment: Mapping[str, str]) -> tuple[str, bool]:
    """What a person makes of the text in an editor, and whether that is another text."""
    command = environment.get("VISUAL") or environment.get("EDITOR") or "vi"
    with tempfile.TemporaryDirectory(prefix="copilot-") as folder:
        file = Path(folder) / "record.json"
        file.touch(mode=0o600)
        file.write_text(text, encoding="utf-8", errors="backslashreplace")
        try:
            with _editors_streams() as (keyboard, screen):
                arguments = [*shlex.split(command), str(file)]
                done = subprocess.run(arguments, stdin=keyboard, stdout=screen, check=False)
            edited = file.read_text(encoding="utf-8", errors="replace")
        except (OSError, ValueError) as error:
            raise ConfigError(
                f"the editor {command!r} can't be used: {error}",
                hint="EDITOR names the program, for example EDITOR=nano",
            ) from error
    if done.returncode != 0:
        return text, False
    return edited, edited != text


def meant(line: str) -> str:
    """The key of what was typed; nothing for what is neither a key nor its word."""
    return _MEANT.get(line.strip().lower(), "")


def record_in(text: str, check: Check) -> tuple[dict[str, Json] | None, list[str]]:
    """The record that stands in an edited file, or what is wrong with it."""
    try:
        record = json.loads(text, parse_constant=_finite, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        return None, [f"that is no JSON: {error}"]
    if not isinstance(record, dict):
        return None, ["a record is a JSON object"]
    problems = [f"{one.path or 'the record'}: {one.message}" for one in check(record)]
    return (None, problems) if problems else (record, [])


def _finite(said: str) -> float:
    """Python would take NaN and 1e999 for numbers, which no system that is written to does."""
    number = float(said)
    if not math.isfinite(number):
        raise ValueError(f"{said} is no number there")
    return number


def _show(lines: Iterator[str] | Sequence[str]) -> None:
    for line in lines:
        console.err(line)


async def _ask(prompt: str) -> str:
    """A line from the terminal; StoppedError at its end. Ctrl-C gets through while it waits.

    What was typed before the question stood there is no answer to it.
    """
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    with _keyboard() as keyboard:
        termios.tcflush(keyboard, termios.TCIFLUSH)
        console.err(prompt, end="")
        loop.add_reader(keyboard, ready.set)
        try:
            await ready.wait()
        finally:
            loop.remove_reader(keyboard)
        line = keyboard.readline()
    if not line:
        console.err()
        raise StoppedError("the terminal was closed; what wasn't decided waits")
    return line


@contextmanager
def _keyboard() -> Iterator[TextIO]:
    if console.is_terminal("stdin"):
        yield sys.stdin
        return
    with _terminal() as terminal:
        yield terminal


def _terminal(mode: Literal["r", "w"] = "r") -> TextIO:
    """The terminal that stderr shows on, where stdin is a pipe. OSError where there is none.

    By its own name: /dev/tty can't be waited for everywhere. That one is for who has become
    another user, to whom the terminal doesn't belong.
    """
    try:
        named = Path(os.ttyname(sys.stderr.fileno()))
        return named.open(mode, encoding="utf-8", errors="replace")
    except OSError:
        return Path("/dev/tty").open(mode, encoding="utf-8", errors="replace")


@contextmanager
def _editors_streams() -> Iterator[tuple[TextIO | None, TextIO | None]]:
    """An editor draws on the terminal: stdin may be the mail, and stdout somebody's pipe."""
    if console.is_terminal("stdin") and console.is_terminal("stdout"):
        yield None, None
        return
    with _terminal() as keyboard, _terminal("w") as screen:
        yield keyboard, screen
