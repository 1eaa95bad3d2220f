"""How the index is told in words: counts, ages, sizes, how far a sync is.

Invariant: what comes from a file or a person is made safe here, before a widget sees it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from copilot.calls.knowledge import SourceCard, SourceChanges, Sources
from copilot.events import DocumentFailed, IngestProgress, SyncFinished
from copilot.tui.wording import shown_line

MARKS = {"indexed": "·", "failed": "✗", "skipped": "−"}
_REMEDIES = {"copilot index rebuild": "R builds it anew.", "copilot index add": "a adds a folder."}


def counted(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def size_of(count: int) -> str:
    if count < 1000:
        return counted(count, "byte")
    if count < 1_000_000:
        return f"{count / 1000:,.1f} kB"
    return f"{count / 1_000_000:,.1f} MB"


def ago(at: str, now: datetime) -> str:
    """How long ago; empty where the time isn't known."""
    if not at:
        return ""
    seconds = (now - datetime.fromisoformat(at)).total_seconds()
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size:.0f} {unit} ago"
    return "just now"


def lasted(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def day_of(at: str) -> str:
    if not at:
        return ""
    moment = datetime.fromisoformat(at).astimezone()
    return f"{moment.day} {moment:%b %Y, %H:%M}"


def totals(told: Sources) -> str:
    """The index in one line."""
    if not told.found:
        return "No sources yet"
    parts = [
        counted(len(told.found), "source"),
        counted(told.documents, "document"),
        counted(told.passages, "passage"),
        size_of(told.size_bytes),
    ]
    return " · ".join(parts)


def changes_of(changes: SourceChanges | None) -> str:
    """What has changed since a source was synced; empty when that isn't known yet."""
    if changes is None:
        return ""
    parts = [
        f"{count:,} {what}"
        for count, what in (
            (changes.added, "new"),
            (changes.updated, "changed"),
            (changes.removed, "gone"),
        )
        if count
    ]
    return ", ".join(parts) or "up to date"


def state_of(source: SourceCard, changes: SourceChanges | None, now: datetime) -> str:
    """How a source stands, in a few words: what is wrong first."""
    if source.unreachable:
        return "can't be reached"
    moved = changes_of(changes)
    when = ago(changes.synced_at, now) if changes is not None else ""
    if not (when or source.documents or source.failed or source.skipped):
        return "not synced yet"
    return " · ".join(part for part in (moved, when) if part)


def progress_of(event: IngestProgress, *, rate: float) -> str:
    """Where a sync is: what it does, how far, how fast, with what."""
    name = shown_line(event.path.rpartition("/")[2])
    if event.phase == "scanning":
        return f"looking for files · {name}"
    speed = f" · {rate:,.0f} files/s" if rate >= 1 else ""
    return f"{event.phase} {event.done:,} of {event.total:,}{speed} · {name}"


def outcome_of(done: SyncFinished) -> str:
    """What a sync came to."""
    parts = [
        f"{count:,} {what}"
        for count, what in (
            (done.added, "added"),
            (done.updated, "updated"),
            (done.removed, "removed"),
        )
        if count
    ] or ["Nothing has changed"]
    if done.failed:
        parts.append(f"{done.failed:,} failed")
    took = f"{done.latency_ms / 1000:.1f} s"
    return f"{', '.join(parts)} · {took}"


def failures_of(failures: Sequence[DocumentFailed]) -> str:
    """Why the last file could not be read, and what to do."""
    last = failures[-1]
    name = last.path.rpartition("/")[2]
    why = f"{last.reason}." if last.reason.startswith(name) else f"{name}: {last.reason}."
    said = " ".join(part for part in (why, last.hint) if part)
    return shown_line(f"the last: {said}" if len(failures) > 1 else said)


def remedy(hint: str) -> str:
    """What to do, as it is done here."""
    return next((here for command, here in _REMEDIES.items() if command in hint), hint)


def labels_of(typed: str) -> tuple[str, ...]:
    """Labels as they are typed: between commas."""
    return tuple(dict.fromkeys(part.strip() for part in typed.split(",") if part.strip()))
