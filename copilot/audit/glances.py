"""Looks at the end of a trail only: whether the last entries follow and are the anchored ones.

Invariant: takes as long for a million entries as for ten, and never says that a trail holds:
only ``verify`` can.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from copilot.audit import anchors
from copilot.audit.anchors import Anchors, newest
from copilot.audit.entries import Sealed, seal_fits
from copilot.audit.keys import SealingKey
from copilot.audit.lines import Lines, read_lines
from copilot.audit.seals import successor

_LOOKED_AT = 64 * 1024  # bytes of each file: a hundred entries or more


@dataclass(frozen=True, slots=True)
class Glance:
    """``last`` is the newest entry's number, 0 without any, ``at`` its time.

    ``wrong``: what speaks against the trail. ``unanchored``: how many of the newest entries no
    head is known of; all, where none is. ``key``: where the key is, ``key_wrong`` why it isn't of
    use, both empty without entries.
    """

    last: int
    at: datetime | None
    wrong: tuple[str, ...]
    unanchored: int = 0
    key: str = ""
    key_wrong: str = ""


def end_of(content: bytes) -> bytes:
    """The last whole lines, and what stands behind them."""
    if len(content) <= _LOOKED_AT:
        return content
    return content[-_LOOKED_AT:].partition(b"\n")[2]


def glance(log: bytes, anchor: bytes) -> Glance:
    """What the ends of both files say, but for the key."""
    lines, anchored = read_lines(end_of(log)), anchors.decode(end_of(anchor))
    sealed = lines.sealed
    if not log:
        head = newest(anchored.heads)
        wrong = () if head is None else (f"the trail of {head.seq} entries is gone",)
        return Glance(0, None, wrong)
    if not sealed:
        return Glance(0, None, ("its last lines are no entries",))
    last = sealed[-1].entry
    trail = sealed[-1].trail
    known = max((head.seq for head in anchored.heads if head.trail == trail), default=0)
    return Glance(
        last.seq,
        last.at,
        tuple(_wrong(lines, anchored)),
        unanchored=max(0, last.seq - known),
    )


def key_wrong(log: bytes, key: SealingKey, old: Callable[[str], SealingKey | None]) -> str:
    """What speaks against the key, or the newest entry's seal. ``old`` finds those before it."""
    last = read_lines(end_of(log)).sealed[-1]
    was = successor(last)
    if was != key.id and old(was) is None:
        return f"the newest entry asks for key {was}, and key {key.id} is here"
    if last.key == key.id and not seal_fits(last, secret=key.secret):
        return "the newest entry's seal doesn't fit"
    return ""


def _wrong(lines: Lines, anchored: Anchors) -> Iterator[str]:
    sealed = lines.sealed
    if lines.damaged:
        yield "some of its last lines are no entries"
    for before, after in pairwise(sealed):
        if after.entry.seq != before.entry.seq + 1 or after.prev != before.digest:
            yield f"entry {after.entry.seq} doesn't follow from entry {before.entry.seq}"
    yield from _other_than_anchored(sealed, anchored)


def _other_than_anchored(sealed: Sequence[Sealed], anchored: Anchors) -> Iterator[str]:
    last, digests = sealed[-1], {one.entry.seq: one.digest for one in sealed}
    own = [head for head in anchored.heads if head.trail == last.trail]
    another = newest([head for head in anchored.heads if head.trail != last.trail])
    if another is not None:
        yield f"another trail of {another.seq} entries was anchored in the same place"
    head = newest(own)
    if head is not None and head.seq > last.entry.seq:
        yield f"{head.seq} entries were anchored, and {last.entry.seq} are there"
    for head in own:
        if digests.get(head.seq, head.digest) != head.digest:
            yield f"entry {head.seq} isn't the one that was anchored"
            return
