"""What was done on purpose, by whom, in a form that shows when it was tampered with.

Invariant: an entry holds names, places, figures and digests, never a text that a person or a
model wrote; so retention and forgetting have nothing to take out of the trail.
"""

from __future__ import annotations

from copilot.audit.entries import AuditEntry

__all__ = ["AuditEntry"]
