"""What ``copilot runs export`` writes: one text a run, or one line an example.

Invariant: what is for training is always redacted; the rest is unless it is asked for raw.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Literal

from copilot.cli import console
from copilot.cli.answers import describe
from copilot.codec import to_plain
from copilot.errors import UsageError
from copilot.guard.redaction import redact
from copilot.guard.terminal import clean
from copilot.ledger.exporting import Redact, examples, markdown, plain, preferences
from copilot.runs import RunDetail

Shape = Literal["markdown", "json", "chat", "preference"]
SHAPES: tuple[Shape, ...] = ("markdown", "json", "chat", "preference")
TRAINING: tuple[Shape, ...] = ("chat", "preference")


def shape_named(name: str, *, raw: bool) -> Shape:
    """The format that is meant. Raises UsageError."""
    for shape in SHAPES:
        if name == shape:
            if raw and shape in TRAINING:
                raise UsageError(f"{shape} is always redacted", hint="leave out --raw")
            return shape
    raise UsageError(f"there is no format {name}", hint=f"--format {'|'.join(SHAPES)}")


def written(runs: Sequence[RunDetail], shape: Shape, *, raw: bool) -> Iterator[str]:
    """What goes to stdout, oldest run first."""
    hide: Redact = (lambda text: text) if raw else (lambda text: redact(text).text)
    ordered = list(reversed(runs))
    match shape:
        case "markdown":
            for run in ordered:
                yield clean(markdown(run, hide, describe=describe))
        case "json":
            for run in ordered:
                yield _line(
                    {
                        "schema_version": console.SCHEMA_VERSION,
                        "kind": "run_detail",
                        "run": plain(run, hide),
                    }
                )
        case "chat":
            yield from (_line(to_plain(one)) for one in examples(ordered, hide))
        case "preference":
            yield from (_line(to_plain(one)) for one in preferences(ordered, hide))


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=console.is_terminal())


def nothing(shape: Shape) -> str:
    if shape in TRAINING:
        return "no rated run to learn from; copilot feedback good|bad [--correct TEXT] rates one"
    return "no such run"
