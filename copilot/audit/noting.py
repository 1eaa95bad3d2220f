"""Writes down what was done on purpose, for whoever did it.

Invariant: called once a thing is done, before anybody is told: who is told "done" may count on
the entry.
"""

from __future__ import annotations

from collections.abc import Callable

from copilot.errors import ConfigError, StorageError
from copilot.events import Warned
from copilot.ports import AuditTrail


def note(
    trail: Callable[[], AuditTrail],
    action: str,
    subject: str,
    *,
    principal: str,
    **detail: str | int | bool,
) -> tuple[Warned, ...]:
    """What the trail had to say of it. Raises StorageError, which says that it was done all the
    same.
    """
    try:
        found = trail()
        found.append(action, subject, detail=detail, principal=principal)
    except (StorageError, ConfigError) as error:
        raise StorageError(
            f"It was done, and could not be written into the audit trail: {error.message}",
            hint=error.hint,
        ) from error
    return found.notices
