"""Which runs and ratings have left for which place: a file of ids for each, beside the ledger.

Invariant: an id stands in the file only once the place acknowledged its run, and is on the disk
when ``add`` returns; two processes never send to one place at the same time. It lies outside
the database, so that a run counts as sent even while another program holds that.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from copilot.adapters.ledger.locks import try_lock
from copilot.errors import StorageError

SENT_FOLDER = "sent"


class SentRuns:
    """The ``SentLog`` of one place. ``place`` is its name: an address, or a file's path.

    ``shown`` is its name for people, without secrets.
    """

    def __init__(self, ledger: Path, place: str, *, shown: str) -> None:
        digest = hashlib.sha256(place.encode("utf-8", "replace")).hexdigest()[:24]
        self._path = ledger / SENT_FOLDER / f"{digest}.ids"
        self._shown = shown
        self._descriptor = -1

    @contextmanager
    def held(self) -> Iterator[None]:
        """For this process alone. StorageError when another one is sending to this place."""
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            self._descriptor = os.open(self._path, flags, 0o600)
        except OSError as error:
            raise self._failed("opened", error) from error
        try:
            if not try_lock(self._descriptor):
                raise StorageError(
                    f"another copilot is exporting to {self._shown}",
                    hint="nothing is lost: what it leaves is sent next time",
                )
            yield
        finally:
            os.close(self._descriptor)
            self._descriptor = -1

    def sent(self) -> frozenset[str]:
        """The ids so far. The beginning of one, whose writer died, is cut off: it was not sent."""
        try:
            with os.fdopen(os.dup(self._descriptor), "rb") as handle:
                handle.seek(0)
                content = handle.read()
            whole, end, torn = content.rpartition(b"\n")
            if torn:
                os.ftruncate(self._descriptor, len(whole) + len(end))
        except OSError as error:
            raise self._failed("read", error) from error
        return frozenset(whole.decode("utf-8", "replace").splitlines())

    def add(self, ids: Collection[str]) -> None:
        """These have been acknowledged."""
        data = "".join(f"{one}\n" for one in ids).encode("utf-8", "replace")
        try:
            while data:
                data = data[os.write(self._descriptor, data) :]
            os.fsync(self._descriptor)
        except OSError as error:
            raise self._failed("written", error) from error

    def _failed(self, what: str, error: OSError) -> StorageError:
        return StorageError(
            f"{self._path} can't be {what}: {error.strerror or error}",
            hint="without it, nobody knows which runs were exported already",
        )
