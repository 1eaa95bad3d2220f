"""Texts of strangers in a tracker that renders Markdown, with our mark behind them.

A text stands in a code block: nothing in it is rendered, links an issue, calls a person or runs a
command. Invariant: ``unwrapped(wrapped(text, …)).text == text``, and a mark counts only behind
the block, so that no text can carry one.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

_MARK = re.compile(r"<!-- copilot:(k[0-9a-f]{32}) -->")
_BLOCK = re.compile(r"(?P<fence>`{3,})text\n(?P<text>.*?)\n(?P=fence)(?:\n|$)", re.DOTALL)
_TICKS = re.compile(r"`+")
# Invisible, and no space: the line, the name and the number read as before.
_JOINER = "\N{WORD JOINER}"
_COMMAND = re.compile(rf"^([ \t]*{_JOINER}*)/", re.MULTILINE)
_DEFUSED_COMMAND = re.compile(rf"^([ \t]*{_JOINER}*){_JOINER}/", re.MULTILINE)
_REFERENCE = re.compile(rf"([@#!~%&$]|:)({_JOINER}*)(?=[\w\"/])")
_DEFUSED_REFERENCE = re.compile(rf"([@#!~%&$]|:)({_JOINER}*){_JOINER}(?=[\w\"/])")


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """A text as it was given, and the marks that stood behind it."""

    text: str
    marks: tuple[str, ...] = ()


def stamp(key: str) -> str:
    """An idempotency key as one word of letters and digits, which any product can hold."""
    return "k" + hashlib.sha256(key.encode()).hexdigest()[:32]


def wrapped(text: str, marks: tuple[str, ...] = ()) -> str:
    """The text in a block that nothing in it can end, and the marks behind it, unseen."""
    longest = max((len(ticks) for ticks in _TICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    # GitLab looks for commands (/close) with a grammar of its own, which a block doesn't stop.
    inert = _COMMAND.sub(rf"\1{_JOINER}/", text)
    block = f"{fence}text\n{inert}\n{fence}" if text else ""
    return "\n\n".join([*([block] if block else []), *(f"<!-- copilot:{one} -->" for one in marks)])


def unwrapped(body: str) -> Unwrapped:
    """What ``wrapped`` was given; of what a person wrote since, the whole without our marks."""
    lines = body.replace("\r\n", "\n")
    block = _BLOCK.match(lines)
    rest = lines[block.end() :] if block else lines
    marks = tuple(_MARK.findall(rest))
    others = _MARK.sub("", rest).strip()
    if block and not others:
        return Unwrapped(_DEFUSED_COMMAND.sub(r"\1/", block["text"]), marks)
    return Unwrapped((lines[: block.end()] + others if block else others), marks)


def inert_line(line: str) -> str:
    """A title on one line whose @names, #numbers and addresses are only letters to a tracker."""
    return _REFERENCE.sub(rf"\1\2{_JOINER}", " ".join(line.split()))


def plain_line(line: str) -> str:
    """What ``inert_line`` was given."""
    return _DEFUSED_REFERENCE.sub(r"\1\2", line)
