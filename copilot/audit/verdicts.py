"""What a verification says: three verdicts, each for itself, with what was found.

Invariant: a verdict ``holds`` only where it was shown; what couldn't be checked is ``unproven``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from copilot.audit.anchors import Head

State = Literal["holds", "broken", "unproven"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """``says``: one line for people; ``findings``: each thing that speaks against it.

    ``remedy``: what to do about it, where it doesn't hold.
    """

    state: State
    says: str
    findings: tuple[str, ...] = ()
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Verification:
    """The whole. ``notes`` speak against nothing, and should be known."""

    entries: int
    first: datetime | None
    last: datetime | None
    head: Head | None
    integrity: Verdict
    completeness: Verdict
    authenticity: Verdict
    notes: tuple[str, ...] = ()

    @property
    def state(self) -> State:
        """The worst of the three."""
        states = {self.integrity.state, self.completeness.state, self.authenticity.state}
        if "broken" in states:
            return "broken"
        return "unproven" if "unproven" in states else "holds"
