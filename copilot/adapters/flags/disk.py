"""The file of flags as it stands on the disk now.

Invariant: it is read on every look and parsed when its bytes changed, so what another process
wrote holds at the next call. A file that is no TOML any more leaves in force what it last said to
this process; to a process that never read it otherwise, nothing: every switch is on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from copilot.flags import Experiment, FlagFile
from copilot.flags.values import Trouble

_LARGEST = 1_000_000
# What is wrong with what an experiment gives, each by ``VARIANT.KEY``.
FindWrong = Callable[[Experiment], Sequence[tuple[str, Trouble]]]


class FlagsOnDisk:
    """``wrong`` finds what is wrong with what an experiment gives."""

    def __init__(
        self,
        file: Path,
        *,
        wrong: FindWrong = lambda _: (),
    ) -> None:
        self.file = file
        self._wrong = wrong
        self._lock = threading.Lock()
        self._content: bytes | None = None
        self._now = FlagFile()

    def now(self) -> FlagFile:
        """What the file says."""
        with self._lock:
            try:
                content = self._read()
            except OSError as error:
                trouble = Trouble(
                    f"{self.file} can't be read: {error.strerror or error}.",
                    f"Make it a file that you can read: chmod u+r {self.file}",
                )
                self._content = None
                return self._last_good(FlagFile(troubles=(trouble,), readable=False))
            if content is None:
                self._content, self._now = None, FlagFile()
            elif content != self._content:
                self._content, self._now = content, self._last_good(self._parsed(content))
            return self._now

    def _read(self) -> bytes | None:
        try:
            with self.file.open("rb") as handle:
                return handle.read(_LARGEST)
        except (FileNotFoundError, NotADirectoryError):
            return None

    def _parsed(self, content: bytes) -> FlagFile:
        from copilot.flags.reading import read

        found = read(content, self.file)
        experiments, troubles = dict(found.experiments), list(found.troubles)
        for name, one in found.experiments.items():
            if one.state == "running" and (wrong := self._wrong(one)):
                experiments.pop(name)
                troubles += [self._placed(content, name, key, told) for key, told in wrong]
        return replace(found, experiments=experiments, troubles=tuple(troubles))

    def _placed(self, content: bytes, experiment: str, key: str, told: Trouble) -> Trouble:
        """What is wrong with what a variant gives, with the line of its key."""
        from copilot.config.layers import key_lines
        from copilot.flags.tables import Table

        lines = key_lines(content.decode("utf-8-sig"))
        whole = f"experiments.{experiment}.variants.{key}"
        place = Table({}, self.file, lines).place(whole)
        return Trouble(f"{place}: {whole} {told.message}.", told.hint)

    def _last_good(self, found: FlagFile) -> FlagFile:
        if found.readable:
            return found
        return replace(found, switches=self._now.switches, experiments=self._now.experiments)
