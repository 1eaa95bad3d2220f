"""Packs passages into a prompt: numbered, fenced as data, cleaned.

Invariant: retrieved text can't close its own fence, and holds nothing a terminal obeys or hides.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from copilot.guard.terminal import clean, clean_line
from copilot.messages import Hit, Passage

PASSAGES = 10
CHARACTERS = 14_000
_FENCE = re.compile(r"<(?=\s*/?\s*passage\b)", re.I)


@dataclass(frozen=True, slots=True)
class Packed:
    """The passages as the model sees them: ``passages[n - 1]`` is the one numbered n."""

    passages: tuple[Passage, ...]
    text: str


def pack(hits: Sequence[Hit], most: int = PASSAGES) -> Packed:
    """The best passages, best first, as many as fit; always at least one of them."""
    chosen: list[Passage] = []
    shown: list[str] = []
    room = CHARACTERS
    for hit in hits[:most]:
        text = fenced(len(chosen) + 1, hit.passage)
        if chosen and len(text) > room:
            continue
        chosen.append(hit.passage)
        shown.append(text)
        room -= len(text)
    return Packed(tuple(chosen), "\n\n".join(shown))


def fenced(n: int, passage: Passage) -> str:
    """The passage as the one numbered n."""
    headings = [h for h in passage.heading_path if h != passage.title]
    where = " > ".join([passage.title, *headings])
    name = _FENCE.sub("‹", clean_line(where)).replace('"', "'")
    text = _FENCE.sub("‹", clean(passage.text)).strip()
    return f'<passage n="{n}" from="{name}">\n{text}\n</passage>'
