"""How long a server asks to wait, by its own clock.

Invariant: seconds from now, never more than a day, whatever the header says.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_EPOCH = 1_000_000_000  # a reset above it is a moment, below it a number of seconds
_LONGEST_S = 86_400.0
_SECONDS = re.compile(r"[0-9]{1,15}(\.[0-9]{1,9})?")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait by Retry-After; None: it doesn't say."""
    said = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(said):
        return _bounded(float(said))
    moment = _moment(said)
    return None if moment is None else _bounded(moment - _now(headers))


def limit_lifted(headers: Mapping[str, str]) -> float | None:
    """The same of who called too often, or by when the limit is reset.

    Products tell of a reset with every answer: it is none that a failure asks to wait for, nor
    who called too often where calls are left until then: that was another limit.
    """
    asked = retry_after(headers)
    if asked is not None:
        return asked
    for limit in ("x-ratelimit", "ratelimit"):
        reset = headers.get(f"{limit}-reset", "").strip()
        if headers.get(f"{limit}-remaining", "0").strip() != "0":
            continue
        if _SECONDS.fullmatch(reset):
            seconds = float(reset)
            return _bounded(seconds - _now(headers) if seconds > _EPOCH else seconds)
        moment = _moment(reset)
        if moment is not None:
            return _bounded(moment - _now(headers))
    return None


def _bounded(seconds: float) -> float:
    return min(max(0.0, seconds), _LONGEST_S)


def _now(headers: Mapping[str, str]) -> float:
    """The server's time: its clock and ours may differ."""
    return _moment(headers.get("date", "")) or time.time()


def _moment(text: str) -> float | None:
    """Of a header's date, or of an ISO one, as Jira's resets are."""
    try:
        moment = (datetime.fromisoformat if text[:1].isdigit() else parsedate_to_datetime)(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
