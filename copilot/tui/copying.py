"""An answer as text to be pasted elsewhere, its sources below it."""

from __future__ import annotations

from collections.abc import Sequence

from copilot.guard.terminal import clean, clean_line
from copilot.messages import Citation
from copilot.places import describe


def as_copied(text: str, citations: Sequence[Citation]) -> str:
    """The answer, then a line a source: number, title, file and place."""
    lines = [
        clean_line(f"[{one.n}] {one.title or one.path}, {one.path}, {describe(one.locator)}")
        for one in citations
    ]
    return "\n".join([clean(text).strip(), *(["", *lines] if lines else [])])
