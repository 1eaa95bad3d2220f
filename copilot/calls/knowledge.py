"""Calls about the index: its sources, the documents in it, how it is kept, what it finds."""

from __future__ import annotations

from dataclasses import dataclass

# --- sources ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ListSources:
    """Asks where the documents come from."""


@dataclass(frozen=True, slots=True)
class SourceCard:
    """A source. ``synced_at``: when it was last read to its end, ISO 8601; empty for never, or
    where that was not recorded. ``unreachable``: why nothing can be read of it now.
    """

    root: str
    labels: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    documents: int = 0
    passages: int = 0
    failed: int = 0
    skipped: int = 0
    synced_at: str = ""
    unreachable: str = ""


@dataclass(frozen=True, slots=True)
class Sources:
    """``embedder`` is empty before the first sync."""

    found: tuple[SourceCard, ...]
    folder: str = ""
    size_bytes: int = 0
    version: int = 0
    documents: int = 0
    passages: int = 0
    embedder: str = ""


@dataclass(frozen=True, slots=True)
class CheckSources:
    """Asks what has changed since the last sync; reads no file whose stamp is as it was."""


@dataclass(frozen=True, slots=True)
class SourceChanges:
    """What a sync of a source would do."""

    root: str
    added: int
    updated: int
    removed: int


@dataclass(frozen=True, slots=True)
class SourcesChecked:
    found: tuple[SourceChanges, ...]


@dataclass(frozen=True, slots=True)
class CompletePath:
    """Asks which files and folders begin as was typed, or pasted: quoted, or a file's address."""

    typed: str


@dataclass(frozen=True, slots=True)
class PathsCompleted:
    """``path`` is what was typed, absolute; folders end in a slash."""

    path: str
    found: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AddSource:
    """Remembers a file or folder; ``Sync`` then reads it. ``labels`` None: as they are."""

    path: str
    labels: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class SourceAdded:
    root: str
    warnings: tuple[str, ...] = ()


# --- long work: its events, and then ``Done`` --------------------------------------------


@dataclass(frozen=True, slots=True)
class Sync:
    """Brings a source up to date, all without one: ``IngestProgress``, ``DocumentIndexed``,
    ``DocumentFailed`` …, ``SyncFinished``. ``retry``: also what failed before.
    """

    source: str = ""
    retry: bool = False


@dataclass(frozen=True, slots=True)
class RemoveFromIndex:
    """Forgets a source, or leaves out a file or folder inside one."""

    path: str


@dataclass(frozen=True, slots=True)
class RebuildIndex:
    """Builds the index anew from its sources."""


Call = ListSources | CheckSources | CompletePath | AddSource | Sync | RemoveFromIndex | RebuildIndex
Reply = Sources | SourcesChecked | PathsCompleted | SourceAdded
