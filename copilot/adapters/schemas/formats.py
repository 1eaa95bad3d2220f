"""What JSON Schema's formats ask of a text.

Invariant: a format that isn't here says nothing of a value, as the specification has it; each
check takes a time that is linear in the text's length.
"""

from __future__ import annotations

import ipaddress
import re
import uuid
from collections.abc import Callable
from datetime import date, datetime, time
from urllib.parse import urlsplit

LONGEST = 4_096
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.A)
_CLOCK = r"\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})"
_TIME = re.compile(_CLOCK, re.A | re.I)
_DATE_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]" + _CLOCK, re.A | re.I)
_DURATION = re.compile(
    r"P(?=[\dT])(?:\d+W|(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?)", re.A
)
_EMAIL = re.compile(r"[^\s@<>(),;:\\\"\[\]]{1,64}@(?P<host>[^\s@]{1,255})")
_LABEL = re.compile(r"[^\W_](?:[\w-]{0,61}[^\W_])?")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def _is_date(text: str) -> bool:
    return bool(_DATE.fullmatch(text)) and _reads(date.fromisoformat, text)


def _is_time(text: str) -> bool:
    return bool(_TIME.fullmatch(text)) and _reads(time.fromisoformat, _plain(text))


def _is_date_time(text: str) -> bool:
    return bool(_DATE_TIME.fullmatch(text)) and _reads(datetime.fromisoformat, _plain(text))


def _plain(text: str) -> str:
    """With at most six digits of a second, which is what Python reads; a leap second as 59."""
    cut = re.sub(r"(\.\d{6})\d+", r"\1", text.upper())
    return re.sub(r"(:\d{2}):60", r"\1:59", cut)


def _is_email(text: str) -> bool:
    found = _EMAIL.fullmatch(text)
    if not found or text.startswith(".") or ".@" in text or ".." in text:
        return False
    return "." in found["host"] and _is_hostname(found["host"])


def _is_hostname(text: str) -> bool:
    return len(text) <= 253 and all(_LABEL.fullmatch(label) for label in text.split("."))


def _is_uri(text: str) -> bool:
    if not _SCHEME.match(text) or any(c.isspace() or c in '<>"{}|\\^`' for c in text):
        return False
    try:
        parts = urlsplit(text)
        return bool(parts.hostname if parts.scheme in ("http", "https") else parts.path)
    except ValueError:
        return False


def _is_uuid(text: str) -> bool:
    return len(text) == 36 and _reads(uuid.UUID, text)


def _reads(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True


_CHECKS: dict[str, Callable[[str], bool]] = {
    "date": _is_date,
    "time": _is_time,
    "date-time": _is_date_time,
    "duration": lambda text: bool(_DURATION.fullmatch(text)),
    "email": _is_email,
    "idn-email": _is_email,
    "hostname": _is_hostname,
    "uri": _is_uri,
    "iri": _is_uri,
    "uuid": _is_uuid,
    "ipv4": lambda text: _reads(ipaddress.IPv4Address, text),
    "ipv6": lambda text: _reads(ipaddress.IPv6Address, text),
}
NAMES = tuple(_CHECKS)


def fits(name: str, text: str) -> bool:
    """Whether the text is of the format; True for a format that isn't known."""
    check = _CHECKS.get(name)
    return check is None or (len(text) <= LONGEST and check(text))
