"""The knowledge index: passages, documents and sources in LanceDB, behind ports.PassageIndex.

Invariant: importing this package imports no LanceDB; only opening a table that exists does.
"""

from __future__ import annotations

from pathlib import Path

from copilot.ports import PassageIndex


def build_index(folder: Path) -> PassageIndex:
    """The index in ``folder``. Nothing is read or created until it is used."""
    from copilot.adapters.index.lance import LanceIndex

    return LanceIndex(folder)
