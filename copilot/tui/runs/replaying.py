"""A replay as a step below those of the run: how far it is, and what it came to.

Invariant: what is the same and what differs is said in the core's words.
"""

from __future__ import annotations

from dataclasses import replace

from copilot.events import (
    CitationChecked,
    ModelChosen,
    RetrievalFinished,
    Warned,
)
from copilot.reruns import Replayed, told
from copilot.runs import RunPart, RunStep


def begun(*, today: bool) -> RunStep:
    against = "today's index and settings" if today else "the index and settings of then"
    return RunStep("replay", "Replay", f"searching, with {against} …")


def going_on(step: RunStep, event: object) -> RunStep:
    """The step once this has happened."""
    match event:
        case RetrievalFinished(hits=hits):
            return _noted(step, f"{len(hits)} hits …", f"found {len(hits)} hits")
        case ModelChosen(beside=True):
            return step
        case ModelChosen(model, reason) if model != "quoting":
            return _noted(step, f"asks {model} again …", f"asks {model} ({reason})")
        case ModelChosen():
            return _noted(step, "quotes …", "quotes")
        case CitationChecked(sentence=sentence, action=action):
            return _noted(step, "checks sentences …", f"{action}: {sentence}")
        case Warned(message, hint):
            return _noted(step, step.told or "", message + (f" ({hint})" if hint else ""))
        case _:
            return step


def _noted(step: RunStep, now: str, part: str) -> RunStep:
    return replace(step, told=now, parts=(*step.parts, RunPart(part)))


def over(replayed: Replayed) -> RunStep:
    """The step once the replay has come to its end."""
    found = replayed.comparison
    if found.same:
        what = "the same: hits, answer and status"
    else:
        sides = (
            ("hits", found.same_hits),
            ("answer", found.same_answer),
            ("status", found.then.status == found.now.status),
        )
        what = "different: " + ", ".join(name for name, same in sides if not same)
    parts = tuple(RunPart(f"{one.label}: {one.what}", one.lines) for one in told(replayed))
    return RunStep("replay", "Replay", what, parts=parts)


def stopped(why: str, hint: str = "") -> RunStep:
    """The step of a replay that came to no end."""
    parts = (RunPart(hint),) if hint else ()
    return RunStep("replay", "Replay", why, failed=True, parts=parts)
