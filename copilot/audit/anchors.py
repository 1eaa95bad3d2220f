"""Heads of the trail that are kept in a second place, so that a cut tail is missed.

Invariant: heads are only added, never replaced: an old head that no longer fits stays a proof.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from copilot.audit.entries import Sealed
from copilot.errors import UsageError

_HEAD = re.compile(r"([1-9][0-9]{0,15}):([0-9a-f]{64})")
_TEXTS = ("at", "digest", "key", "trail")


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry of a trail, as it was at the time ``at`` that it was anchored.

    A head that a person kept has only ``seq`` and ``digest``.
    """

    seq: int
    digest: str
    trail: str = ""
    key: str = ""
    at: datetime | None = None

    def __str__(self) -> str:
        return f"{self.seq}:{self.digest}"


@dataclass(frozen=True, slots=True)
class Anchors:
    """All heads that were anchored; ``unreadable`` counts the lines that are none.

    ``end_damaged``: the last of them is among these, so the newest head may be unknown.
    ``problem``: why none of them could be read.
    """

    heads: tuple[Head, ...] = ()
    unreadable: int = 0
    end_damaged: bool = False
    problem: str = ""


def head_of(sealed: Sealed, at: datetime) -> Head:
    return Head(sealed.entry.seq, sealed.digest, trail=sealed.trail, key=sealed.key, at=at)


def parse_head(text: str) -> Head:
    """What ``str(head)`` gave. Raises UsageError."""
    match = _HEAD.fullmatch(text.strip().lower())
    if match is None:
        raise UsageError(
            f"{text!r} is no head of an audit trail.",
            hint="it looks like 12:9f86d081…, in full, as `copilot audit anchor` prints it",
        )
    return Head(int(match[1]), match[2])


def encode(head: Head) -> bytes:
    """The line of a head in the file of anchors, without its end."""
    at = (head.at or datetime.now(UTC)).astimezone(UTC).isoformat()
    fields = {"at": at, "digest": head.digest, "key": head.key, "seq": head.seq}
    return json.dumps({**fields, "trail": head.trail, "v": 1}, separators=(",", ":")).encode()


def decode(content: bytes) -> Anchors:
    """The heads in a file of anchors, and how many of its lines are something else.

    What stands after the last line's end is left out: a write that a crash cut short.
    """
    lines = content.split(b"\n")[:-1]
    read = [_decode(line) for line in lines if line.strip()]
    heads = tuple(head for head in read if head is not None)
    return Anchors(heads, unreadable=len(read) - len(heads), end_damaged=read[-1:] == [None])


def newest(heads: Sequence[Head]) -> Head | None:
    return max(heads, key=lambda head: head.seq, default=None)


def _decode(line: bytes) -> Head | None:
    try:
        fields = json.loads(line)
        seq, texts = fields["seq"], [fields[name] for name in _TEXTS]
        if type(seq) is not int or not all(isinstance(text, str) for text in texts):
            return None
        at, digest, key, trail = texts
        return Head(seq, digest, trail=trail, key=key, at=datetime.fromisoformat(at))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
