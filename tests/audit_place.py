"""An audit trail in memory, with its anchor and its key, for a test to tamper with."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from copilot.audit import entries as forms
from copilot.audit.anchors import Head
from copilot.audit.entries import AuditEntry
from copilot.audit.trail import ChainedTrail
from copilot.audit.verdicts import Verification
from copilot.testing.memory_audit import MemoryLines
from copilot.testing.memory_secrets import MemorySecretStore

BEGAN = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
ENTRIES = 12


class SteppingClock:
    """A second later on each call."""

    def __init__(self) -> None:
        self.time = BEGAN

    def now(self) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()


class Place:
    """A trail with its two files and its key; ``entries`` are in it from the start."""

    def __init__(self, entries: int = ENTRIES) -> None:
        self.log, self.anchor = MemoryLines(), MemoryLines()
        self.keys = MemorySecretStore()
        self.clock = SteppingClock()
        for number in range(1, entries + 1):
            self.append(f"thing-{number}")

    def trail(self) -> ChainedTrail:
        return ChainedTrail(
            self.log,
            self.anchor,
            find_in=[self.keys],
            keep_in=[self.keys],
            clock=self.clock,
            new_id=lambda: "018f-trail",
            account="ada@laptop",
        )

    def append(self, subject: str, **detail: str | int | bool) -> None:
        self.trail().append("index.remove", subject, detail=detail, principal="ada")

    def verify(self, *heads: Head) -> Verification:
        return self.trail().verify(heads)

    @property
    def lines(self) -> list[bytes]:
        return self.log.content.splitlines(keepends=True)

    @lines.setter
    def lines(self, lines: list[bytes]) -> None:
        self.log.content = b"".join(lines)

    def change(self, number: int, **fields: Any) -> None:
        """Rewrite an entry, in good form, without the key."""
        lines = self.lines
        plain = {**json.loads(lines[number - 1]), **fields}
        line = json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()
        lines[number - 1] = line + b"\n"
        self.lines = lines

    def relink(self) -> None:
        """Number all entries anew and link them, as who has no key can."""
        before = forms.NO_ENTRY
        for seq in range(1, len(self.lines) + 1):
            self.change(seq, seq=seq, prev=before)
            before = hashlib.sha256(self.lines[seq - 1].rstrip(b"\n")).hexdigest()

    def reseal(self, secret: str) -> None:
        """Write all entries anew with another key."""
        before, lines = forms.NO_ENTRY, []
        for line in self.lines:
            sealed = forms.decode(line.rstrip(b"\n"))
            entry = AuditEntry(**{f: getattr(sealed.entry, f) for f in AuditEntry.__slots__})
            new = forms.encode(entry, trail=sealed.trail, prev=before, secret=secret)
            before = forms.digest(new)
            lines.append(new + b"\n")
        self.lines = lines


def states(found: Verification) -> tuple[str, str, str]:
    return (found.integrity.state, found.completeness.state, found.authenticity.state)


def findings(found: Verification) -> str:
    verdicts = (found.integrity, found.completeness, found.authenticity)
    return "\n".join(finding for verdict in verdicts for finding in verdict.findings)


WHOLE = ("holds", "holds", "holds")
