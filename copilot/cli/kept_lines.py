"""The file that ``copilot extract --out`` writes, and what an interrupted run left in it.

Invariant: what stands in it is whole inputs, in order; a torn end is cut before anything is
added, and an input that stands in it is what it was made from, or nothing is added at all. One
process writes it at a time.
"""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from copilot.errors import NotFoundError, StorageError, UsageError


@dataclass(frozen=True, slots=True)
class Kept:
    """One input that is done: its records' schema and what its text was."""

    schema: str
    schema_version: str
    digest: str


class LinesFile:
    """An output of JSON lines that can be gone on with. ``done``: its inputs, in order."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.done: list[Kept] = []
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            self._handle = os.fdopen(descriptor, "r+b")
        except OSError as error:
            raise _unwritable(path, error) from error
        try:
            # Two that go on with it would each write over what the other wrote.
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            end = self._whole()
            self._handle.truncate(end)
            self._handle.seek(end)
        except BlockingIOError as error:
            self._handle.close()
            raise UsageError(
                f"another copilot is writing {path}", hint="Wait for it, or name another file."
            ) from error
        except OSError as error:
            self._handle.close()
            raise _unwritable(path, error) from error
        except UsageError:
            self._handle.close()
            raise

    def _whole(self) -> int:
        """Read what is done; the offset after the last input whose records are all there."""
        end = at = waiting = 0
        for line in self._handle:
            at += len(line)
            if not line.endswith(b"\n"):
                break  # the run was stopped amid it
            kept, records = _kept(line, self.path)
            waiting = (waiting or records) - 1
            if waiting == 0:
                end = at
                self.done.append(kept)
        return end

    def add(self, text: str) -> None:
        """Lines of one input, at once."""
        try:
            self._handle.write(text.encode("utf-8", "backslashreplace"))
            self._handle.flush()
        except OSError as error:
            raise StorageError(
                f"{self.path} can't be written: {error.strerror or error}",
                hint="Make room, then give the same command again: it goes on.",
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._handle.close()


def _kept(line: bytes, path: Path) -> tuple[Kept, int]:
    """What an earlier run wrote, as a whole line, and how many lines its input gave."""
    try:
        data = json.loads(line)
        source = data["source"]
        kept = Kept(
            schema=str(data.get("schema", "")),
            schema_version=str(data.get("schema_version", "")),
            digest=str(source["sha256"]),
        )
        if data["kind"] in ("record", "error") and int(source["records"]) > 0:
            return kept, int(source["records"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        pass
    raise UsageError(
        f"{path} holds other lines than `copilot extract` writes", hint="Name another file."
    )


def _unwritable(path: Path, error: OSError) -> NotFoundError:
    return NotFoundError(
        f"{path} can't be written: {error.strerror or error}", hint="Name another file."
    )
