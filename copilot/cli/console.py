"""stdout is data, stderr is everything else: the one place that the command line prints from.

Invariant: with ``--json``, whatever reaches stdout is valid JSON, also when the command fails;
nothing is coloured or linked off a terminal.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Coroutine, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import Any, Literal, TextIO, TypeVar

from copilot import codec
from copilot.codec import to_plain
from copilot.errors import CopilotError, StoppedError, StorageError

SCHEMA_VERSION = codec.SCHEMA_VERSION
# Terminals that announce themselves and are known to render OSC 8 links.
_LINKING_PROGRAMS = frozenset({"iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "rio"})

T = TypeVar("T")
When = Literal["auto", "never", "always"]


@dataclass
class _State:
    json_mode: bool = False


_state = _State()


def set_json(on: bool) -> None:
    """Called first by every command that has ``--json``: errors then go to stdout as JSON."""
    _state.json_mode = on


def json_mode() -> bool:
    return _state.json_mode


def prepare_streams() -> None:
    """Make every text printable: what the encoding lacks is escaped.

    A stream that was closed before we began holds nothing, and takes everything.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def out(text: str = "", *, end: str = "\n") -> None:
    """Data for people, to stdout."""
    with _stdout() as stdout:
        stdout.write(text + end)


def flush() -> None:
    """Push what was written to the reader: a streamed answer must be seen as it comes."""
    with _stdout() as stdout:
        stdout.flush()


def err(text: str = "", *, end: str = "\n") -> None:
    """Everything that isn't data, to stderr. When it can't be written, there is nobody to tell."""
    try:
        sys.stderr.write(text + end)
        sys.stderr.flush()
    except OSError:
        _divert(sys.stderr)


def let_go_of_stdout() -> None:
    """What is still to be written goes nowhere, and fails no more."""
    sys.stdout = sys.__stdout__ or sys.stdout
    _divert(sys.stdout)


@contextmanager
def _stdout() -> Iterator[TextIO]:
    """stdout to write to. Raises StorageError when it can't be, but for a reader that has gone."""
    try:
        yield sys.stdout
    except BrokenPipeError:
        raise
    except OSError as error:
        let_go_of_stdout()
        raise StorageError(f"stdout can't be written: {error.strerror or error}") from error


def _divert(stream: TextIO) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def warn(messages: Iterable[str]) -> None:
    """One line on stderr for each, without control characters: a path may hold some."""
    from copilot.guard.terminal import clean_line

    for message in messages:
        err(clean_line(f"copilot: {message}"))


def caution(message: str, hint: str) -> None:
    """What went wrong and didn't stop the command, with its remedy, on one line of stderr."""
    warn([f"{message} ({hint})" if hint else message])


def emit(envelope: Mapping[str, Any]) -> None:
    """One JSON object on one line of stdout; ``schema_version`` comes first."""
    plain = {"schema_version": SCHEMA_VERSION, **{k: to_plain(v) for k, v in envelope.items()}}
    out(json.dumps(plain, ensure_ascii=escapes()))
    flush()


def escapes() -> bool:
    """Whether JSON on stdout has letters beyond ASCII as escapes.

    On a terminal: a document's bidi or zero-width characters must not reach it raw. And where the
    encoding lacks letters: the stream's own escapes are no JSON.
    """
    return is_terminal() or not (sys.stdout.encoding or "utf-8").lower().startswith("utf")


def error_envelope(error: CopilotError) -> dict[str, Any]:
    """The ``error`` envelope: type, message, remedy, exit code."""
    return {
        "kind": "error",
        "error": {"type": type(error).__name__, "message": error.message, "hint": error.hint},
        "exit_code": int(error.exit_code),
    }


def report(error: CopilotError) -> None:
    """Say what failed and what to do: JSON on stdout in JSON mode, else two lines on stderr."""
    from copilot.guard.terminal import clean

    if _state.json_mode:
        emit(error_envelope(error))
    err(clean(f"copilot: {error.message}"))
    if error.hint:
        err(clean(f"  hint: {error.hint}"))


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run the core's async code: the only place where the command line crosses over.

    Raises StoppedError on Ctrl-C, once the core has closed what it had open.
    """
    try:
        return asyncio.run(main)
    except KeyboardInterrupt:
        raise StoppedError("interrupted") from None


def is_terminal(stream: Literal["stdin", "stdout", "stderr"] = "stdout") -> bool:
    handle = getattr(sys, stream)
    return bool(handle is not None and not handle.closed and handle.isatty())


def is_all_terminal() -> bool:
    """Whether the application can be shown: it draws on stderr, which a file would swallow."""
    return is_terminal("stdin") and is_terminal("stdout") and is_terminal("stderr")


def colour(when: When = "auto") -> bool:
    """Whether stdout may carry ANSI. ``NO_COLOR`` wins over everything."""
    if os.environ.get("NO_COLOR") or when == "never":
        return False
    return when == "always" or (is_terminal() and os.environ.get("TERM", "") != "dumb")


def links(when: When = "auto") -> bool:
    """Whether stdout may carry OSC 8 links."""
    if when != "auto":
        return when == "always"
    if not is_terminal() or os.environ.get("TERM", "") in ("", "dumb") or "TMUX" in os.environ:
        return False
    return (
        os.environ.get("TERM_PROGRAM", "") in _LINKING_PROGRAMS
        or any(name in os.environ for name in ("KITTY_WINDOW_ID", "WT_SESSION", "KONSOLE_VERSION"))
        or int("0" + "".join(filter(str.isdigit, os.environ.get("VTE_VERSION", "")))) >= 5000
    )


def typed(argument: str) -> str:
    """An argument as the UTF-8 that was typed, whatever the locale; other bytes are replaced."""
    return argument.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def read_stdin() -> str:
    """All of stdin, as UTF-8; bytes that aren't are replaced, not fatal."""
    return sys.stdin.buffer.read().decode("utf-8", errors="replace")


class Progress:
    """A line on stderr: rewritten in place on a terminal, one line every few seconds elsewhere."""

    _EVERY_S = 5.0

    def __init__(self) -> None:
        self._tty = is_terminal("stderr") and os.environ.get("TERM", "") != "dumb"
        # Elsewhere than on a terminal the first line waits too: alone, it would look like the last.
        self._last = 0.0 if self._tty else time.monotonic()
        self._open = False

    def update(self, text: str) -> None:
        """Show where the work stands. Cheap: drops what comes too fast to be read."""
        now = time.monotonic()
        if now - self._last < (0.08 if self._tty else self._EVERY_S):
            return
        self._last = now
        if self._tty:
            width = os.get_terminal_size(sys.stderr.fileno()).columns
            err(f"\r\x1b[2K{text[: max(10, width - 1)]}", end="")
            self._open = True
        else:
            err(text)

    def line(self, text: str) -> None:
        """A line that stays, above the moving one."""
        self.clear()
        err(text)

    def clear(self) -> None:
        if self._open:
            err("\r\x1b[2K", end="")
            self._open = False


@contextmanager
def progress() -> Iterator[Progress]:
    """A progress line that is wiped at the end, also after an exception."""
    shown = Progress()
    try:
        yield shown
    finally:
        shown.clear()
