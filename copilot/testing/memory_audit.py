"""An audit trail in memory, for tests of whatever has to be audited, and lines for one.

Invariant: both pass the contract suites of what is on disk.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from copilot.audit.entries import AuditEntry, Value, check
from copilot.events import Warned


class MemoryAuditTrail:
    """``entries`` holds what was appended, oldest first; nothing outlives the object."""

    def __init__(self) -> None:
        self.entries: list[AuditEntry] = []

    def append(
        self, action: str, subject: str, *, detail: Mapping[str, Value], principal: str
    ) -> None:
        check(action, subject, detail=detail, principal=principal)
        self.entries.append(
            AuditEntry(
                seq=len(self.entries) + 1,
                at=datetime.now(UTC),
                action=action,
                subject=subject,
                detail=dict(detail),
                principal=principal,
            )
        )

    @property
    def notices(self) -> tuple[Warned, ...]:
        return ()


class MemoryLines:
    """An ``AppendOnly`` over ``content``, which a test may tamper with."""

    place = "memory"

    def __init__(self, content: bytes = b"") -> None:
        self.content = content
        self._lock = threading.Lock()

    def read(self) -> bytes:
        return self.content

    def extend(self, make: Callable[[bytes, bytes], bytes]) -> None:
        with self._lock:
            whole, _, torn = self.content.rpartition(b"\n")
            self.content += make(whole.rpartition(b"\n")[2], torn)
