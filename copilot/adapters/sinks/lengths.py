"""Titles and texts that are longer than a product takes.

Invariant: what fits stays as it is; what doesn't is cut and shows it, and the whole title stands in
the text of the entry that is made.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from copilot.extracted import Json

Size = Callable[[str], int]

_JOINER, _EMOJI = "\N{ZERO WIDTH JOINER}", "\N{VARIATION SELECTOR-16}"


def units(text: str) -> int:
    """Length as most products count: an emoji is two."""
    return len(text) + sum(char > "\uffff" for char in text)


def in_bytes(text: str) -> int:
    return len(text.encode(errors="replace"))


@dataclass(frozen=True, slots=True)
class Room:
    """The fields of a title and of a text, and how long they may be; 0: as long as they are."""

    title: str
    text: str
    most_title: int
    most_text: int = 0
    title_size: Size = units
    text_size: Size = units


def fitted(values: Mapping[str, Json], room: Room, *, new: bool) -> dict[str, Json]:
    """``values`` with a title and a text that fit; ``new``: of an entry that is to be made."""
    fits = dict(values)
    title, text = values.get(room.title), values.get(room.text)
    if isinstance(title, str):
        fits[room.title] = shortened(title, room.most_title, size=room.title_size)
        said = text if isinstance(text, str) else ""
        if new and fits[room.title] != title and title not in said:
            fits[room.text] = text = f"{title}\n\n{said}".rstrip()
    if isinstance(text, str) and room.most_text:
        fits[room.text] = cut(text, room.most_text, size=room.text_size)
    return fits


def shortened(line: str, most: int, *, size: Size = units) -> str:
    """A title of this size at the most: whole words where there are some, and a … behind."""
    if size(line) <= most:
        return line
    head = line[: _longest(line, lambda part: size(f"{part}…") <= most)]
    space = head.rfind(" ")
    return (head[:space] if space > len(head) // 2 else head).rstrip() + "…"


def cut(text: str, most: int, *, size: Size = units) -> str:
    """A text of this size at the most, which says how much of it is missing."""
    if size(text) <= most:
        return text
    room = most - size(_missing(len(text)))
    head = text[: _longest(text, lambda part: size(part) <= room)]
    return head + _missing(len(text) - len(head))


def _missing(count: int) -> str:
    return f"\n\n[… {count} more characters]"


def _longest(text: str, fits: Callable[[str], bool]) -> int:
    """How many characters fit, without a half of what is one to a reader."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(text[:middle]) else (low, middle - 1)
    end = low
    while 0 < end < len(text) and _joined(text[end - 1], text[end]):
        end -= 1
    return end or low


def _joined(before: str, after: str) -> bool:
    return before == _JOINER or after in (_JOINER, _EMOJI) or unicodedata.combining(after) > 0
