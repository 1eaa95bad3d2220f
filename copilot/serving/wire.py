"""Lines between a front end and the core: one JSON object each, UTF-8, ended by a newline.

Invariant: what was packed is unpacked as the same value; a line that isn't one of ours is an
``InternalError``, never a half-understood message.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot import calls, errors
from copilot.codec import from_plain, to_plain
from copilot.errors import CopilotError, InternalError, LimitError
from copilot.events import Event, decode, encode

if TYPE_CHECKING:
    from copilot.calls import Call, Reply

LONGEST_LINE = 64 * 1024 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Asked:
    """A call, under a number that its events and its end carry."""

    number: int
    call: Call


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The front end has left the call of this number."""

    number: int


@dataclass(frozen=True, slots=True)
class Told:
    """An event of a call."""

    number: int
    event: Event


@dataclass(frozen=True, slots=True)
class Replied:
    """The end of a call that went well."""

    number: int
    reply: Reply


@dataclass(frozen=True, slots=True)
class Failed:
    """The end of a call that didn't."""

    number: int
    error: CopilotError


Message = Asked | Cancelled | Told | Replied | Failed


def prepare() -> None:
    """Import all that may come over the wire, which takes a while: outside of an event loop."""
    assert calls.CALLS
    assert calls.REPLIES


def pack(message: Message) -> bytes:
    """A message as a line. Raises LimitError for one that is too long to be read as one."""
    number = message.number
    match message:
        case Asked():
            told = {"call": type(message.call).__name__, "with": to_plain(message.call)}
        case Cancelled():
            told = {"cancel": True}
        case Told():
            told = {"told": encode(message.event)}
        case Replied():
            told = {"reply": type(message.reply).__name__, "with": to_plain(message.reply)}
        case Failed():
            error = message.error
            told = {"failed": _known(error), "message": error.message, "hint": error.hint}
    text = json.dumps({"number": number, **told}, ensure_ascii=False)
    # A file's name may hold bytes that are no text: surrogates, to Python.
    line = text.encode("utf-8", "surrogatepass") + b"\n"
    if len(line) > LONGEST_LINE:
        raise LimitError(
            f"this is {len(line) >> 20} MB, and {LONGEST_LINE >> 20} MB can be passed on at once",
            hint="Take less of it.",
        )
    return line


def unpack(line: bytes) -> Message:
    """The message of a line. Raises InternalError for a line that is none."""
    try:
        told = json.loads(line)
        number = int(told["number"])
        if "call" in told:
            return Asked(number, from_plain(calls.CALLS[told["call"]], told["with"]))
        if "reply" in told:
            return Replied(number, from_plain(calls.REPLIES[told["reply"]], told["with"]))
        if "told" in told:
            return Told(number, decode(told["told"]))
        if "failed" in told:
            return Failed(number, _error(told["failed"], told["message"], told["hint"]))
        if told["cancel"]:
            return Cancelled(number)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InternalError(f"a line between processes that is none: {line[:80]!r}") from error
    raise InternalError(f"a line between processes that is none: {line[:80]!r}")


def _known(error: CopilotError) -> str:
    """Its class, or the nearest above it that both sides know: an adapter has its own."""
    return next(kind.__name__ for kind in type(error).__mro__ if kind.__module__ == errors.__name__)


def _error(name: str, message: str, hint: str) -> CopilotError:
    """The same error; one whose class wants more than a message becomes its nearest ancestor."""
    kind = getattr(errors, name, InternalError)
    if not (isinstance(kind, type) and issubclass(kind, CopilotError)):
        kind = InternalError
    for ancestor in kind.__mro__:
        try:
            made = ancestor(message, hint=hint)
        except TypeError:
            continue
        if isinstance(made, CopilotError):
            return made
    return InternalError(message, hint=hint)
