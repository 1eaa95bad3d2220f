"""The knowledge index: passages, documents and sources in LanceDB, behind ports.PassageIndex.

Invariant: importing this package imports no LanceDB; only opening a table that exists does.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from copilot.ports import PassageIndex


def build_index(folder: Path, *, keep: timedelta = timedelta(0)) -> PassageIndex:
    """The index in ``folder``. Nothing is read or created until it is used.

    What it held up to ``keep`` ago can be searched for so long, if there is room.
    """
    from copilot.adapters.index.lance import LanceIndex

    return LanceIndex(folder, keep=keep)
