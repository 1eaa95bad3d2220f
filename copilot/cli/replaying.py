"""Shows how a run that was made again differs from what it was.

Invariant: what a model or a document wrote passes ``guard.terminal``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from copilot.cli import console
from copilot.events import Event, ModelChosen, Warned
from copilot.guard.terminal import clean, clean_line
from copilot.places import display_path
from copilot.reruns import Comparison, Outcome, PlacedHit, Replayed

if TYPE_CHECKING:
    from copilot.bootstrap import Copilot
    from copilot.runs import RunDetail

_LABEL_WIDTH = 10
_HITS_SHOWN = 10


async def replayed(copilot: Copilot, run: RunDetail, *, today: bool) -> Replayed:
    """Make ``run`` again; says meanwhile what is asked and what went wrong."""
    from copilot.replays import replay

    async with aclosing(replay(copilot, run, today=today)) as steps:
        async for step in steps:
            if isinstance(step, Replayed):
                return step
            _tell(step)
    raise AssertionError("a replay ends in what it came to")


def _tell(event: Event) -> None:
    """That a model is asked, before it is, and what went wrong."""
    match event:
        case ModelChosen(model, reason) if model != "quoting":
            console.err(clean_line(f"copilot: asks {model} again ({reason})"))
        case Warned(message, hint):
            console.err(clean_line(f"copilot: {message}" + (f" ({hint})" if hint else "")))
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
    found = replayed.comparison
    then, again = found.then, found.now
    yield _labelled("run", then.run_id)
    yield _labelled("question", clean_line(replayed.question))
    yield _labelled("index", _index(then, again, now=replayed.today))
    yield _labelled("model", _change(then.model, again.model))
    if then.prompt is not None or again.prompt is not None:
        prompts = [
            "none" if p is None else f"{p.id} {p.version}" for p in (then.prompt, again.prompt)
        ]
        changed = then.prompt != again.prompt and prompts[0] == prompts[1]
        yield _labelled("prompt", _change(*prompts) + (", its text has changed" if changed else ""))
    yield _labelled("status", _change(then.status, again.status))
    yield _labelled("hits", _told_hits(found))
    yield from (f"  {line}" for line in _hit_lines(found))
    if not replayed.search:
        yield _labelled("answer", _told_answer(found))
        yield from (f"  {clean(line)}" for line in _in_words(found.answer))
    for note in replayed.notes:
        yield _labelled("note", clean_line(note))


def _index(then: Outcome, again: Outcome, *, now: bool) -> str:
    if not now:
        return f"version {again.index_version}, as it was"
    if then.index_version == again.index_version:
        return f"version {again.index_version}, the latest"
    return f"version {then.index_version} then, {again.index_version} now"


def _change(then: str, now: str) -> str:
    return clean_line(then if then == now else f"{then or 'none'} → {now or 'none'}")


def _told_hits(found: Comparison) -> str:
    count = len(found.now.hits)
    if found.same_hits:
        return f"the same {count}, with the same scores" if count else "none, as before"
    parts = [
        f"{len(some)} {what}"
        for some, what in (
            (found.gone, "gone (-)"),
            (found.new, "new (+)"),
            (found.moved, "moved"),
        )
        if some
    ]
    return f"{', '.join(parts)}, of {len(found.then.hits)} then and {count} now"


def _hit_lines(found: Comparison) -> Iterator[str]:
    lines = [
        *((hit.rank, f"- {_place(hit)}") for hit in found.gone),
        *((hit.rank, f"+ {_place(hit)}") for hit in found.new),
        *(
            (hit.rank, f"  {_place(hit)}, was {before.rank}. ({_score(before)})")
            for before, hit in found.moved
        ),
    ]
    lines.sort(key=lambda one: one[0])
    yield from (line for _, line in lines[:_HITS_SHOWN])
    if len(lines) > _HITS_SHOWN:
        yield f"… and {len(lines) - _HITS_SHOWN} more; --json has them all"


def _place(hit: PlacedHit) -> str:
    return f"{hit.rank}. {clean_line(display_path(hit.path))} ({_score(hit)})"


def _score(hit: PlacedHit) -> str:
    return "-" if hit.score is None else f"{hit.score:.3f}"


def _in_words(difference: Sequence[str]) -> Iterator[str]:
    """A unified diff without its figures; dots where lines that are the same are left out."""
    for number, line in enumerate(difference):
        if not line.startswith("@@"):
            yield line
        elif number > 2:
            yield "…"


def _told_answer(found: Comparison) -> str:
    if found.then.answer is None and found.now.answer is not None:
        ended = found.then.status in ("answered", "degraded", "abstained")
        return "the one of then isn't kept" if ended else "then there was none"
    if found.same_answer:
        return "the same, to the byte"
    return "differs" if found.answer else "the same words, cited from elsewhere"


def _labelled(label: str, text: str) -> str:
    return f"{label:<{_LABEL_WIDTH}}{text}"
