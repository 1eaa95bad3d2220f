"""An audit trail in memory, for tests of whatever has to be audited.

Invariant: passes the contract suite of the trail on disk.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from copilot.audit.entries import AuditEntry, Value, check


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
