"""Writes down in the audit trail what a command did, and says when that failed.

Invariant: called once a thing is done, before its success is printed: whoever reads "done"
may count on the entry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot.cli import console
from copilot.errors import ConfigError, ExitCode, StorageError

if TYPE_CHECKING:
    from copilot.bootstrap import Copilot
    from copilot.ports import AuditTrail


def note(copilot: Copilot, action: str, subject: str, **detail: str | int | bool) -> None:
    """Raises StorageError, which says that it was done all the same."""
    principal = copilot.settings.principal.name
    try:
        trail = copilot.audit_trail
        trail.append(action, subject, detail=detail, principal=principal)
    except (StorageError, ConfigError) as error:
        raise StorageError(
            f"It was done, and could not be written into the audit trail: {error.message}",
            hint=error.hint,
        ) from error
    show_notices(trail)


def show_notices(trail: AuditTrail) -> None:
    """What the trail had to say of its last entry, on stderr."""
    for notice in trail.notices:
        _warn(notice.message, notice.hint)


def told(error: StorageError | None) -> int:
    """Say on stderr what couldn't be written down, and give its exit code; 0 when it was."""
    if error is None:
        return ExitCode.DONE
    _warn(error.message, error.hint)
    return error.exit_code


def _warn(message: str, hint: str) -> None:
    from copilot.guard.terminal import clean_line

    console.warn([message])
    if hint:
        console.err(clean_line(f"  hint: {hint}"))


def note_attempt(copilot: Copilot, action: str, subject: str, *, outcome: str) -> None:
    """For what was cut short: its own error is what the person must see, so this raises none."""
    try:
        note(copilot, action, subject, outcome=outcome)
    except StorageError as error:
        console.warn([error.message])
