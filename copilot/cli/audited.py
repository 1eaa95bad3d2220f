"""Writes down in the audit trail what a command did, and says when that failed.

Invariant: called once a thing is done, before its success is printed: whoever reads "done"
may count on the entry.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from copilot.cli import console
from copilot.errors import ExitCode, StorageError

if TYPE_CHECKING:
    from copilot.bootstrap import Copilot
    from copilot.events import Warned
    from copilot.ports import AuditTrail


def note(copilot: Copilot, action: str, subject: str, **detail: str | int | bool) -> None:
    """Raises StorageError, which says that it was done all the same."""
    from copilot.audit import noting

    principal = copilot.settings.principal.name
    notices = noting.note(
        lambda: copilot.audit_trail, action, subject, principal=principal, **detail
    )
    show(notices)


def show_notices(trail: AuditTrail) -> None:
    """What the trail had to say of its last entry, on stderr."""
    show(trail.notices)


def show(notices: Iterable[Warned]) -> None:
    for notice in notices:
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
