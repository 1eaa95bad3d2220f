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

_MOST = 1_000_001  # bytes: one more than are parsed, so that too many are seen
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

    def judge_by(self, wrong: FindWrong) -> None:
        """Have ``wrong`` judge it from now on, also what was read already."""
        with self._lock:
            self._wrong, self._content = wrong, None

    def _read(self) -> bytes | None:
        try:
            with self.file.open("rb") as handle:
                return handle.read(_MOST)
        except (FileNotFoundError, NotADirectoryError):
            return None

    def _parsed(self, content: bytes) -> FlagFile:
        return judged(content, self.file, self._wrong)

    def _last_good(self, found: FlagFile) -> FlagFile:
        if found.readable:
            return found
        return replace(found, switches=self._now.switches, experiments=self._now.experiments)


def judged(content: bytes, file: Path, wrong: FindWrong) -> FlagFile:
    """What a file says, less the running experiments of which ``wrong`` finds something."""
    from copilot.flags.reading import read

    found = read(content, file)
    experiments, troubles = dict(found.experiments), list(found.troubles)
    for name, one in found.experiments.items():
        if one.state == "running" and (told := wrong(one)):
            experiments.pop(name)
            troubles += [_placed(content, file, name, key, each) for key, each in told]
    return replace(found, experiments=experiments, troubles=tuple(troubles))


def _placed(content: bytes, file: Path, experiment: str, key: str, told: Trouble) -> Trouble:
    """What is wrong with what a variant gives, with the line of its key."""
    from copilot.config.layers import key_lines
    from copilot.flags.tables import Table

    lines = key_lines(content.decode("utf-8-sig"))
    whole = f"experiments.{experiment}.variants.{key}"
    place = Table({}, file, lines).place(whole)
    return Trouble(f"{place}: {whole} {told.message}.", told.hint)
