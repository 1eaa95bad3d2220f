"""Shows how a run that was made again differs from what it was.

Invariant: what a model or a document wrote passes ``guard.terminal``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from copilot.cli import console
from copilot.events import Event, ModelChosen, Warned
from copilot.guard.terminal import clean, clean_line
from copilot.reruns import Replayed, told

if TYPE_CHECKING:
    from copilot.bootstrap import Copilot
    from copilot.runs import RunDetail

_LABEL_WIDTH = 10
_HITS_SHOWN = 10


async def replayed(copilot: Copilot, run: RunDetail, *, today: bool) -> Replayed:
    """Make ``run`` again; says meanwhile what is asked and what went wrong."""
    from copilot.operations.replays import replay

    async with aclosing(replay(copilot, run, today=today)) as steps:
        async for step in steps:
            if isinstance(step, Replayed):
                return step
            _tell(step)
    raise AssertionError("a replay ends in what it came to")


def _tell(event: Event) -> None:
    """That a model is asked, before it is, and what went wrong."""
    match event:
        case ModelChosen(model, reason) if model != "quoting" and not event.beside:
            console.err(clean_line(f"copilot: asks {model} again ({reason})"))
        case Warned(message, hint):
            console.caution(message, hint)
        case _:
            pass


def replay_envelope(replayed: Replayed) -> dict[str, Any]:
    """The ``replay`` envelope; its keys are stable."""
    found = replayed.comparison
    return {
        "kind": "replay",
        "run_id": found.then.run_id,
        "against": "now" if replayed.today else "then",
        "same": found.same,
        "same_hits": found.same_hits,
        "same_answer": found.same_answer,
        "then": found.then,
        "now": found.now,
        "difference": list(found.answer),
        "notes": list(replayed.notes),
    }


def replay_lines(replayed: Replayed) -> Iterator[str]:
    """What ``runs replay`` prints."""
    for one in told(replayed):
        yield _labelled(one.label, clean_line(one.what))
        shown = one.lines[:_HITS_SHOWN] if one.label == "hits" else one.lines
        yield from (f"  {clean(line)}" for line in shown)
        if len(one.lines) > len(shown):
            yield f"  … and {len(one.lines) - len(shown)} more; --json has them all"


def _labelled(label: str, text: str) -> str:
    return f"{label:<{_LABEL_WIDTH}}{text}"
