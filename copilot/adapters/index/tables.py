"""Opens and creates the tables in the index folder.

Invariant: reading never creates anything, and a table whose creation was interrupted counts
as one that isn't there. The folder is private to the user.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from copilot.adapters.index import rows
from copilot.adapters.index.failures import REBUILD, translated
from copilot.adapters.index.loading import lancedb
from copilot.adapters.index.lock import FileLock, held
from copilot.config.paths import ensure, private
from copilot.errors import KnowledgeIndexError

Name = Literal["passages", "documents", "sources"]
WRITE_TIMEOUT_S = 120.0


class Tables:
    """The tables of one index folder; handles see what other processes commit."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._open: dict[Name, Any] = {}
        self._write_lock = FileLock(folder / "write.lock")
        self._one_thread = threading.Lock()  # the file lock is between processes only

    def find(self, name: Name) -> Any | None:
        """The table, or None when there is none yet."""
        with translated("opened", self.folder):
            versions = self.folder / f"{name}.lance" / "_versions"
            if not (versions.is_dir() and any(versions.iterdir())):
                self._open.pop(name, None)
                return None
        found = self._open.get(name)
        if found is None:
            found = self._open[name] = self._opened(name)
        return found

    def opened(self, name: Name) -> Any | None:
        """A handle of its own, to look at another version with; None when there is no table."""
        return None if self.find(name) is None else self._opened(name)

    def _opened(self, name: Name) -> Any:
        with translated("opened", self.folder):
            table = self._connection.open_table(name)
            layout = rows.layout_of(table.schema)
        if layout != rows.LAYOUT:
            raise KnowledgeIndexError(
                f"The index in {self.folder} has layout {layout}; "
                f"this copilot reads layout {rows.LAYOUT}.",
                hint=f"Build it anew from its sources: {REBUILD}",
            )
        return table

    def create(self, name: Name, schema: Any) -> Any:
        """A new table, or the empty next version of the one that is there."""
        mode = "overwrite" if self.find(name) is not None else "create"
        if mode == "create":
            # What an interrupted creation left would be in the way.
            shutil.rmtree(self.folder / f"{name}.lance", ignore_errors=True)
        with translated("created", self.folder):
            table = self._connection.create_table(name, schema=schema, mode=mode)
        self._open[name] = table
        return table

    def drop(self, name: Name) -> None:
        """Delete the table's files, whatever state they are in."""
        self._open.pop(name, None)
        with translated("cleared", self.folder):
            path = self.folder / f"{name}.lance"
            if path.exists():
                shutil.rmtree(path)

    def prepare(self) -> None:
        """Create the folder where it is missing. Raises ConfigError when it can't be."""
        if not os.access(self.folder, os.F_OK):
            ensure(self.folder)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """The only place to write from: one process at a time, and on the latest version."""
        self.prepare()
        with self._one_thread, held(self._write_lock, WRITE_TIMEOUT_S), private():
            # A handle that is a version behind would write what another process has written.
            for table in self._open.values():
                with translated("read", self.folder):
                    table.checkout_latest()
            yield

    @cached_property
    def _connection(self) -> Any:
        # Zero: look for a newer version at every read; it costs a tenth of a millisecond.
        return lancedb().connect(
            str(self.folder.absolute()), read_consistency_interval=timedelta(0)
        )
