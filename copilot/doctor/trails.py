"""Checks of the audit trail: a glance at its end, its key, and the place of its anchor.

Invariant: nothing here keeps a question from being answered, so the worst is a warning; and no
"ok" says more than a glance can: `copilot audit verify` reads the whole.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta

from copilot.doctor.findings import AuditFacts, Finding, Probes, ok, warning
from copilot.errors import StorageError

_CHECK = "audit trail"
_VERIFY = "copilot audit verify"
_MOVE = "Set audit.anchor to a file on another disk or share, then `copilot audit anchor`"


def audit(probes: Probes) -> Iterator[Finding]:
    """Whether the trail is there and its end is as it was anchored; nothing is written."""
    try:
        facts = probes.audit()
    except StorageError as error:
        yield warning(_CHECK, error.message, error.hint or _VERIFY)
        return
    yield from _anchor(facts)
    seen = facts.glance
    for wrong in seen.wrong:
        yield warning(_CHECK, wrong, _VERIFY)
    if seen.key_wrong:
        yield warning(_CHECK, seen.key_wrong, _VERIFY)
    if seen.wrong or seen.key_wrong:
        return
    if seen.at is None:
        yield ok(_CHECK, "no entries yet")
        return
    if seen.unanchored:
        few = "1 entry isn't" if seen.unanchored == 1 else f"{seen.unanchored} entries aren't"
        yield warning(_CHECK, f"the newest {few} anchored", "copilot audit anchor")
    count = "1 entry" if seen.last == 1 else f"{seen.last:,} entries"
    age = _age(facts.now - seen.at)
    yield ok(_CHECK, f"{count}, the last {age}; its end is as it was anchored, key: {seen.key}")


def _anchor(facts: AuditFacts) -> Iterator[Finding]:
    """Whether heads can be kept, and elsewhere than the trail, without writing there."""
    place = facts.anchor
    if place.parent.resolve() == facts.trail.parent.resolve():
        detail = f"its anchor {place} lies beside it: who takes one away takes both"
        yield warning(_CHECK, detail, _MOVE)
    nearest = next((path for path in (place, *place.parents) if path.exists()), None)
    wanted = os.W_OK if nearest == place else os.W_OK | os.X_OK
    if nearest is None or not os.access(nearest, wanted) or nearest.is_dir() == (nearest == place):
        detail = f"its anchor {place} can't be written"
        yield warning(_CHECK, detail, f"Make {nearest or place} writable. {_MOVE}")


def _age(since: timedelta) -> str:
    seconds = int(since.total_seconds())
    if seconds < 0:
        return "in the future, by this clock"
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"
