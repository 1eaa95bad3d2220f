"""People whose mail address tells that a name beside it is theirs.

Invariant: the name stands in full in the text; an address alone names nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from copilot.extraction.people.naming import FULL_NAME, plain
from copilot.extraction.people.sheet import Sheet
from copilot.extraction.reading import SegmentKind, Span
from copilot.extraction.texts.roles import is_team_mailbox

_LOCAL = re.compile(r"[\w.+-]{2,40}$")
_MAX_ADDRESSES = 500
_FULL = re.compile(rf"(?<![\w@.]){FULL_NAME}")
_WORD = re.compile(r"[^\W\d_]+")
_KINDS = (SegmentKind.BODY, SegmentKind.GREETING, SegmentKind.FORM, SegmentKind.SIGNATURE)
_LIMIT = 20_000


def read_addressees(sheet: Sheet) -> None:
    """Adds names that an address in the text spells."""
    text = sheet.text
    locals_ = set(_mailboxes(text))
    if not locals_:
        return
    seen: set[str] = set()
    for segment in sheet.reading.segments[:2000]:
        if segment.kind not in _KINDS:
            continue
        end = min(segment.end, segment.start + _LIMIT)
        own = sheet.own(segment.message)
        for found in _FULL.finditer(text, segment.start, end):
            if found[0] in seen:
                continue
            seen.add(found[0])
            if any(_spells(local, found[0]) for local in locals_):
                sheet.person(Span(found.start(), found.end()), sure=0.87, label=f"{own}contact")


def _mailboxes(text: str) -> Iterator[str]:
    """What stands before the @ of addresses, but of those of teams."""
    at = text.find("@")
    for _ in range(_MAX_ADDRESSES):
        if at < 0:
            return
        found = _LOCAL.search(text, max(0, at - 40), at)
        if found and not is_team_mailbox(found[0] + "@"):
            yield found[0].lower()
        at = text.find("@", at + 1)


def _spells(local: str, name: str) -> bool:
    """Whether ana.gomez@, agomez@, gomez@ or ana@ is Ana Gómez'."""
    parts = [plain(part) for part in _WORD.findall(name)]
    if len(parts) < 2:
        return False
    first, last = parts[0], parts[-1]
    spelt = re.sub(r"[^a-z]", "", local)
    return spelt in (
        first + last, last + first, first[0] + last, first + last[0], last + first[0], first, last,
        first + parts[1], first[0] + parts[1],
    )  # fmt: skip
