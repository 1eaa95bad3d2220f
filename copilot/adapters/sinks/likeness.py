"""Which entries are on the same issue, by the words of their titles.

Invariant: a word is made of letters, digits, ``_`` and inner ``-``: in no product's query
language can one end a value or begin anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from copilot.proposals import SinkEntry

_WORD = re.compile(r"\w+(?:-\w+)*")
_SHARED = 0.5
_MOST = 8


def words(title: str) -> list[str]:
    """Those that say most of a title, the most telling first: with digits, then long ones."""
    found = dict.fromkeys(_told(title))
    telling = sorted(found, key=lambda word: (not any(c.isdigit() for c in word), -len(word)))
    return telling[:_MOST]


def likeliest(entries: Iterable[SinkEntry], title: str, *, limit: int) -> list[SinkEntry]:
    """The open ones that share at least half of the title's words, those with most first."""
    ours = frozenset(_told(title))
    if not ours:
        return []
    shares = [
        (len(ours & frozenset(_told(entry.title))) / len(ours), entry)
        for entry in entries
        if entry.open
    ]
    close = [one for one in shares if one[0] >= _SHARED]
    return [entry for _, entry in sorted(close, key=lambda one: -one[0])][:limit]


def _told(title: str) -> list[str]:
    return [word for word in _WORD.findall(title.casefold()) if len(word) > 2 or word.isdigit()]
