"""A person's name in the two parts that CRM systems keep.

Invariant: both parts together are the name as it was written, but for the comma of a list.
"""

from __future__ import annotations

_PARTICLES = frozenset(
    "af da dal de dei del della den der di dos du la le los ter und van vom von zu zum zur".split()
)


def split_name(name: str) -> tuple[str, str]:
    """First and last name. One word is a last name; so are ``van der Berg``, ``García y López``.

    Two family names can't be told from two given ones: the last word counts, with its particles.
    """
    if name.count(",") == 1:
        last, _, first = (part.strip() for part in name.partition(","))
        return first, last
    words = name.split()
    start = max(len(words) - 1, 0)
    while start > 0 and words[start - 1] in _PARTICLES | {"y"}:
        start -= 2 if words[start - 1] == "y" and start > 1 else 1
    return " ".join(words[:start]), " ".join(words[start:])


def joined_name(first: str, last: str) -> str:
    """The name as people say it."""
    return f"{first} {last}".strip()
