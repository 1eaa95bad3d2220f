"""The file that ``copilot extract --out`` writes, and what an interrupted run left in it.

Invariant: what stands in it is whole inputs, in order; a torn end is cut before anything is
added, and an input that stands in it is what it was made from, or nothing is added at all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

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
        end = 0
        try:
            if path.exists():
                end = self._whole()
            self._handle = path.open("r+b" if path.exists() else "wb")
            self._handle.truncate(end)
            self._handle.seek(end)
        except OSError as error:
            raise NotFoundError(
                f"{path} can't be written: {error.strerror or error}", hint="Name another file."
            ) from error

    def _whole(self) -> int:
        """Read what is done; the offset after the last input whose records are all there."""
        end = at = waiting = 0
        with self.path.open("rb") as lines:
            for line in lines:
                at += len(line)
                if not line.endswith(b"\n"):
                    break  # the run was stopped amid it
                data = _line(line, self.path)
                source = data.get("source") or {}
                waiting = waiting or int(source.get("records", 1))
                waiting -= 1
                if waiting == 0:
                    end = at
                    self.done.append(
                        Kept(
                            schema=str(data.get("schema", "")),
                            schema_version=str(data.get("schema_version", "")),
                            digest=str(source.get("sha256", "")),
                        )
                    )
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


def _line(line: bytes, path: Path) -> Mapping[str, Any]:
    """What an earlier run wrote, as a whole line."""
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict) or data.get("kind") not in ("record", "error"):
        raise UsageError(
            f"{path} holds other lines than `copilot extract` writes", hint="Name another file."
        )
    return data
