"""Calls about the index: its sources, the documents in it, how it is kept, what it finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from copilot.messages import Locator

# --- sources ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ListSources:
    """Asks where the documents come from."""


@dataclass(frozen=True, slots=True)
class SourceCard:
    """A source. ``unreachable``: why nothing can be read of it now."""

    root: str
    labels: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    documents: int = 0
    passages: int = 0
    failed: int = 0
    skipped: int = 0
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
    """Asks when each source was synced, and what has changed since: reads no file whose stamp is
    as it was.
    """


@dataclass(frozen=True, slots=True)
class SourceChanges:
    """What a sync of a source would do. ``synced_at``: when it was last read to its end, ISO 8601;
    empty for never, or where that was not recorded.
    """

    root: str
    added: int
    updated: int
    removed: int
    synced_at: str = ""


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


@dataclass(frozen=True, slots=True)
class Watch:
    """Looks again and again whether a source has changed, and syncs it; until the call is closed.

    The events are those of each sync, between its ``RunStarted`` and its ``RunFinished``.
    """


# --- documents ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ListFolder:
    """Asks what lies in a folder. Without one, or for what is ``typed``: for documents anywhere,
    whose path or title holds these words. ``unread``: only those that failed or were skipped.
    """

    path: str = ""
    typed: str = ""
    unread: bool = False
    start: int = 0
    limit: int = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """A folder tells the sums of what is below it. A file of records counts as a folder."""

    path: str
    name: str
    kind: Literal["folder", "document"]
    documents: int = 0
    passages: int = 0
    failed: int = 0
    skipped: int = 0
    status: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class FolderListed:
    """Some of ``total`` entries."""

    entries: tuple[Entry, ...]
    total: int


@dataclass(frozen=True, slots=True)
class ShowDocument:
    """Asks for a document's facts and some of its passages; where it could not be read, for what
    would mend that, too.
    """

    path: str
    start: int = 0
    limit: int = 50


@dataclass(frozen=True, slots=True)
class PassageCard:
    ordinal: int
    heading_path: tuple[str, ...]
    locator: Locator
    text: str
    passage_id: str = ""


@dataclass(frozen=True, slots=True)
class DocumentShown:
    """``hidden``: how many of the passages asked for are not for this principal. Times are
    ISO 8601, empty where they aren't known.
    """

    path: str
    title: str
    source: str
    status: str
    size: int
    passages: int
    shown: tuple[PassageCard, ...] = ()
    hidden: int = 0
    reason: str = ""
    remedy: str = ""
    labels: tuple[str, ...] = ()
    reader: str = ""
    modified_at: str = ""
    indexed_at: str = ""
    url: str = ""


# --- search ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SearchPassages:
    """Searches as ``copilot search --explain``. ``path``: only below it. ``limit`` 0: as set."""

    query: str
    path: str = ""
    limit: int = 0


@dataclass(frozen=True, slots=True)
class ScoreCard:
    """A score, and how far it stands above the other candidates. ``own``: of the question alone."""

    name: str
    score: float
    above: float
    own: bool = False


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """``text[near_start:near_end]`` is the sentence nearest to what was asked."""

    rank: int
    score: float
    scores: tuple[ScoreCard, ...]
    path: str
    title: str
    heading_path: tuple[str, ...]
    locator: Locator
    text: str
    near_start: int
    near_end: int
    passage_id: str = ""
    labels: tuple[str, ...] = ()
    superseded: bool = False


@dataclass(frozen=True, slots=True)
class PassagesFound:
    """``queries``: what was searched for."""

    found: tuple[FoundPassage, ...]
    queries: tuple[str, ...]
    index_version: int
    latency_ms: float
    warnings: tuple[str, ...] = ()


Call = (
    ListSources
    | CheckSources
    | CompletePath
    | AddSource
    | Sync
    | RemoveFromIndex
    | RebuildIndex
    | Watch
    | ListFolder
    | ShowDocument
    | SearchPassages
)
Reply = (
    Sources
    | SourcesChecked
    | PathsCompleted
    | SourceAdded
    | FolderListed
    | DocumentShown
    | PassagesFound
)
