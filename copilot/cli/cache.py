"""``copilot cache``: answers that are given again, what that saves, and whether they are right."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from copilot.cli import console

if TYPE_CHECKING:
    from copilot.bootstrap import Copilot
    from copilot.caching import CacheStanding

app = typer.Typer(help="Answers that are kept and given again.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON envelope.")]


@app.command("status")
def status(as_json: AsJson = False) -> None:
    """Say what is kept, how often it was given, what that saved, and whether it was right."""
    console.set_json(as_json)
    from copilot.bootstrap import build
    from copilot.codec import to_plain

    copilot = build()
    found = copilot.kept_answers.standing()
    if as_json:
        exact, semantic = _why_not(copilot, found)
        told = {"exact_on": not exact, "semantic_on": not semantic, "why": semantic}
        console.emit({"kind": "cache_status", **to_plain(found), **told})
        return
    for line in _lines(copilot, found):
        console.out(line)


@app.command("clear")
def clear(as_json: AsJson = False) -> None:
    """Delete every kept answer, and the figures with them."""
    console.set_json(as_json)
    from copilot.bootstrap import build

    gone = build().kept_answers.clear()
    if as_json:
        console.emit({"kind": "cache_cleared", "entries": gone})
    else:
        console.out(f"{gone} {'answer' if gone == 1 else 'answers'} deleted")


@app.command("on")
def switch_on(as_json: AsJson = False) -> None:
    """Let the cache answer to other words again, after it switched that off by itself."""
    console.set_json(as_json)
    from copilot.bootstrap import build

    copilot = build()
    copilot.kept_answers.switch(None)
    exact, semantic = _why_not(copilot, copilot.kept_answers.standing())
    if as_json:
        told = {"exact_on": not exact, "semantic_on": not semantic, "why": semantic}
        console.emit({"kind": "cache_on", **told})
    elif semantic:
        console.out(f"it is no longer switched off by itself, and still off: {semantic}")
    else:
        console.out("the cache answers to other words again")


def _why_not(copilot: Copilot, found: CacheStanding) -> tuple[str, str]:
    """Why no answer is given to the same words, and why none to others; empty where it is."""
    settings = copilot.settings
    why = ""
    if not settings.cache.enabled:
        why = "cache.enabled is false"
    elif not settings.ledger.bodies:
        why = "ledger.bodies is false: no texts are kept"
    elif not copilot.answers_first:
        why = "no chat model is configured: quotes cost nothing"
    if why or found.off is None:
        return why, why or ("" if settings.cache.semantic else "cache.semantic is false")
    return "", f"switched off by itself on {found.off.at.astimezone():%d %b %Y %H:%M}: " + (
        found.off.why
    )


def _lines(copilot: Copilot, found: CacheStanding) -> Iterator[str]:
    from copilot.quantities import duration, money, proportion, share

    def line(label: str, text: str) -> str:
        return f"{label:<16}{text}"

    exact, semantic = _why_not(copilot, found)
    yield line("same words", f"off: {exact}" if exact else "on")
    yield line("other words", f"off: {semantic}" if semantic else "on")
    since = f", the oldest of {found.oldest:%Y-%m-%d}" if found.oldest is not None else ""
    yield line("answers kept", f"{found.entries}{since}")
    yield line("size", f"{found.bytes / 1_000_000:.1f} MB")
    hits = found.exact + found.semantic
    yield line(
        "hits",
        f"{hits} of {found.looks} ({share(hits, found.looks)}): {found.exact} by the same words, "
        f"{found.semantic} by others",
    )
    yield line("saved", f"{money(found.saved_microusd)}, {duration(found.saved_ms)}")
    false = proportion(found.wrong / found.checked) if found.checked else "none yet"
    bound = proportion(copilot.settings.cache.false_hits_max)
    yield line("compared", f"{found.checked} with fresh answers, {found.wrong} wrong")
    yield line("false hits", f"{false} (off above {bound})")
