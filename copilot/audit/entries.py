"""One entry of the audit trail, and what may stand in it.

Invariant: an entry has one form in JSON (keys sorted, ASCII, whole numbers only), so that its
digest can be worked out anew by anybody, in any language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from copilot.errors import InternalError

Value = str | int | bool

_ACTION = re.compile(r"[a-z]+(\.[a-z_]+)+")
_LONGEST = 8192  # characters of all that an entry says: two paths, and no bodies


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """``seq`` counts from 1 without gaps; ``at`` is aware, UTC."""

    seq: int
    at: datetime
    action: str
    subject: str
    detail: Mapping[str, Value]
    principal: str


def check(action: str, subject: str, *, detail: Mapping[str, Value], principal: str) -> None:
    """Raises InternalError for what no entry may hold: the caller's mistake, not the user's."""
    if _ACTION.fullmatch(action) is None:
        raise InternalError(f"{action!r} is no audit action; they look like index.remove")
    for name, value in detail.items():
        if not isinstance(name, str) or not isinstance(value, str | int):
            raise InternalError(
                f"{action}: {name} is a {type(value).__name__}, not a text, a "
                "whole number or a truth value"
            )
    said = (subject, principal, *detail, *(v for v in detail.values() if isinstance(v, str)))
    if sum(map(len, said)) > _LONGEST:
        raise InternalError(f"{action}: more than {_LONGEST} characters in one audit entry")
