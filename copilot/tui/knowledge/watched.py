"""What a watch tells that somebody wants to know, also who does something else by now.

Invariant: a file that can't be read is told once; again only after it could be read.
"""

from __future__ import annotations

from collections.abc import Sequence

from copilot.events import DocumentFailed, DocumentIndexed, SyncFinished


class Watched:
    """``failures``: of the last sync those that are news; of the first one, of all, none are."""

    def __init__(self) -> None:
        self.failures: Sequence[DocumentFailed] = ()
        self._known: set[str] | None = None
        self._heard: list[DocumentFailed] = []

    def take(self, event: object) -> None:
        match event:
            case DocumentFailed():
                self._heard.append(event)
            case DocumentIndexed(path=path) if self._known is not None:
                self._known.discard(path)
            case SyncFinished():
                paths, known = {one.path for one in self._heard}, self._known
                new = () if known is None else [e for e in self._heard if e.path not in known]
                self.failures, self._known = new, paths | (known or set())
                self._heard = []
            case _:
                pass
