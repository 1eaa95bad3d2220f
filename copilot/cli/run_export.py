"""What ``copilot runs export`` writes: one text a run, or one line an example.

Invariant: what is for training is always redacted; the rest is unless it is asked for raw. A line
for training has the keys that trainers read, and no others.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Literal

from copilot.cli import console
from copilot.errors import UsageError
from copilot.guard.redaction import redact
from copilot.guard.terminal import clean
from copilot.ledger.exporting import (
    Frame,
    Framed,
    Message,
    Redact,
    examples,
    json_line,
    markdown,
    preferences,
)
from copilot.places import describe
from copilot.runs import RecordedCitation, RunDetail

if TYPE_CHECKING:
    from copilot.answering.reframing import Reframer
    from copilot.bootstrap import Copilot

# chat is what TRL (language modelling, conversational) and OpenAI (supervised) read; preference is
# TRL's, with an explicit prompt; preference-openai is OpenAI's, Azure's, Fireworks' and Together's.
Shape = Literal["markdown", "json", "chat", "preference", "preference-openai"]
SHAPES: tuple[Shape, ...] = ("markdown", "json", "chat", "preference", "preference-openai")
TRAINING: tuple[Shape, ...] = ("chat", "preference", "preference-openai")


def shape_named(name: str, *, raw: bool) -> Shape:
    """The format that is meant. Raises UsageError."""
    for shape in SHAPES:
        if name == shape:
            if raw and shape in TRAINING:
                raise UsageError(f"{shape} is always redacted", hint="leave out --raw")
            return shape
    raise UsageError(f"there is no format {name}", hint=f"--format {'|'.join(SHAPES)}")


def frame(copilot: Copilot) -> Frame:
    """Prompts with the passages that the configured principal may see."""

    @cache
    def reframer() -> Reframer:
        from copilot.answering.reframing import Reframer
        from copilot.answering.replaying import closed_paths

        return Reframer(
            prompts=copilot.prompts,
            max_words=copilot.settings.answer.max_words,
            where=copilot.where,
            index=copilot.index,
            closed=closed_paths(copilot.index, copilot.where),
        )

    def framed(run: RunDetail, cited: Sequence[RecordedCitation]) -> Framed | None:
        return reframer()(run, cited)  # built when the first is wanted: markdown needs no index

    return framed


def written(runs: Sequence[RunDetail], shape: Shape, *, raw: bool, frame: Frame) -> Iterator[str]:
    """What goes to stdout, oldest run first. ``frame`` makes the prompts to train on."""
    hide: Redact = (lambda text: text) if raw else (lambda text: redact(text).text)
    ordered = list(reversed(runs))
    match shape:
        case "markdown":
            for run in ordered:
                yield clean(markdown(run, hide, describe=describe))
        case "json":
            for run in ordered:
                yield json_line(run, hide, ascii_only=console.is_terminal())
        case "chat":
            for one in examples(ordered, hide, frame):
                yield _line({"messages": _messages(one.messages)})
        case "preference":
            for pair in preferences(ordered, hide, frame):
                yield _line(
                    {
                        "prompt": _messages(pair.prompt),
                        "chosen": _messages(pair.chosen),
                        "rejected": _messages(pair.rejected),
                    }
                )
        case "preference-openai":
            for pair in preferences(ordered, hide, frame):
                yield _line(
                    {
                        "input": {"messages": _messages(pair.prompt)},
                        "preferred_output": _messages(pair.chosen),
                        "non_preferred_output": _messages(pair.rejected),
                    }
                )


def _messages(messages: Sequence[Message]) -> list[dict[str, str]]:
    return [{"role": one.role, "content": one.content} for one in messages]


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=console.is_terminal())


def nothing(shape: Shape) -> str:
    if shape in TRAINING:
        return "no rated run to learn from; copilot feedback good|bad [--correct TEXT] rates one"
    return "no such run"
