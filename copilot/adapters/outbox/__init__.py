"""The outbox on disk: one journal a proposal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copilot.handoff import Outbox


def build_outbox(folder: Path) -> Outbox:
    """The outbox in ``folder``, which appears with the first proposal."""
    from copilot.adapters.outbox.journals import JournalOutbox

    return JournalOutbox(folder)
