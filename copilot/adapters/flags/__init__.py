"""Flags from a file beside the configuration, asked through OpenFeature."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copilot.adapters.flags.asking import FileFlags
    from copilot.adapters.flags.disk import FindWrong, FlagsOnDisk
    from copilot.flags import Asker

# One a file: what it last said must outlive a change of the settings.
_disks: dict[Path, FlagsOnDisk] = {}
_building = threading.Lock()


def build_flags(
    file: Path,
    asker: Asker,
    *,
    wrong: FindWrong = lambda _: (),
) -> FileFlags:
    """The flags of ``file``, which need not be there.

    ``asker`` is who asks; ``wrong``: what is wrong with what an experiment gives.
    """
    from copilot.adapters.flags.asking import FileFlags
    from copilot.adapters.flags.disk import FlagsOnDisk

    with _building:
        if file not in _disks:
            _disks[file] = FlagsOnDisk(file, wrong=wrong)
        return FileFlags(_disks[file], asker)


def judge_by(file: Path, wrong: FindWrong) -> None:
    """Have ``wrong`` judge what is read of ``file`` from now on, whoever had its flags built."""
    with _building:
        if file in _disks:
            _disks[file].judge_by(wrong)
