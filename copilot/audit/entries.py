"""One entry of the audit trail, what may stand in it, and the line that it is on the disk.

Invariant: an entry has exactly one form as a line (JSON, keys sorted, ASCII, no floats), so a
changed byte is a changed entry, and anybody can work out its digest in any language.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from copilot.errors import InternalError

Value = str | int | bool
Fields = dict[str, str | int | dict[str, Value]]

FORMAT = 1
NO_ENTRY = "0" * 64  # stands for the entry before the first
MENDED = "audit.mended"  # owns up to what stands before it on its line: a write cut short
_BEGINNING = b'{"account":'
_ACTION = re.compile(r"[a-z]+(\.[a-z_]+)+")
_LONGEST = 8192  # characters of all that an entry says: two paths, and no bodies
_TEXTS = ("account", "action", "at", "key", "prev", "principal", "seal", "subject", "trail")


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """``seq`` counts from 1 without gaps; ``at`` is aware, UTC.

    ``principal`` is who the configuration says it was, ``account`` who the system says.
    """

    seq: int
    at: datetime
    action: str
    subject: str
    detail: Mapping[str, Value]
    principal: str
    account: str = ""


@dataclass(frozen=True, slots=True)
class Sealed:
    """An entry as a link of the chain.

    ``trail`` is the id of the trail, ``prev`` the digest of the entry before, ``key`` names the
    key of the ``seal`` (HMAC-SHA-256 of all the rest), ``digest`` is the whole line's SHA-256.
    """

    entry: AuditEntry
    trail: str
    prev: str
    key: str
    seal: str
    digest: str


class NoEntryError(Exception):
    """A line that isn't an entry. The message says in what way."""


def check(action: str, subject: str, *, detail: Mapping[str, Value], principal: str) -> None:
    """Raises InternalError for what no entry may hold: the caller's mistake, not the user's."""
    if _ACTION.fullmatch(action) is None or action == MENDED:
        raise InternalError(f"{action!r} is no audit action; they look like index.remove")
    for name, value in detail.items():
        if not _is_value(value):
            kind = type(value).__name__
            raise InternalError(
                f"{action}: {name} is a {kind}; an audit entry takes texts, "
                "whole numbers and truth values"
            )
    said = (subject, principal, *detail, *(v for v in detail.values() if isinstance(v, str)))
    if sum(map(len, said)) > _LONGEST:
        raise InternalError(f"{action}: more than {_LONGEST} characters in one audit entry")


def key_id(secret: str) -> str:
    """Names a key without giving it away."""
    return _seal(secret, b"the name of this key")[:16]


def encode(entry: AuditEntry, *, trail: str, prev: str, secret: str) -> bytes:
    """The sealed line of ``entry``, without its end."""
    fields = _fields(entry, trail=trail, prev=prev, key=key_id(secret))
    return _canonical({**fields, "seal": _seal(secret, _canonical(fields))})


def decode(line: bytes) -> Sealed:
    """The entry that stands on a line. Raises NoEntryError, also for another form of the same.

    An entry that owns up to a write that was cut short stands behind it, on the same line.
    """
    try:
        return _decode(line, line)
    except NoEntryError:
        at = line.rfind(_BEGINNING)
        torn = line[: max(at, 0)]
        if not torn:
            raise
        try:
            sealed = _decode(line[at:], line)
        except NoEntryError:
            sealed = None
        if sealed is None or sealed.entry.action != MENDED or sealed.entry.detail != owned(torn):
            raise
        return sealed


def owned(torn: bytes) -> dict[str, Value]:
    """The detail of an entry that owns up to ``torn``."""
    return {"bytes": len(torn), "sha256": digest(torn)}


def seal_fits(sealed: Sealed, *, secret: str) -> bool:
    """Whether whoever sealed this had the key."""
    fields = _fields(sealed.entry, trail=sealed.trail, prev=sealed.prev, key=sealed.key)
    expected = _seal(secret, _canonical(fields))
    return hmac.compare_digest(expected.encode(), sealed.seal.encode("utf-8", "surrogatepass"))


def digest(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


def _is_value(value: object) -> bool:
    return isinstance(value, str | int)


def _canonical(fields: Mapping[str, object]) -> bytes:
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def _seal(secret: str, content: bytes) -> str:
    key = secret.encode("utf-8", "surrogatepass")
    return hmac.new(key, content, hashlib.sha256).hexdigest()


def _decode(content: bytes, line: bytes) -> Sealed:
    try:
        fields = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise NoEntryError("it is no JSON") from error
    if not isinstance(fields, dict) or type(fields.get("v")) is not int:
        raise NoEntryError("it is no entry of an audit trail")
    if fields["v"] > FORMAT:
        raise NoEntryError("it was written by a newer copilot, or altered")
    whole = (
        fields.keys() == {*_TEXTS, "detail", "seq", "v"}
        and all(isinstance(fields[name], str) for name in _TEXTS)
        and type(fields["seq"]) is int
        and fields["seq"] > 0
        and isinstance(fields["detail"], dict)
        and all(_is_value(value) for value in fields["detail"].values())
    )
    if not whole:
        raise NoEntryError("parts of it are missing, or are not what they should be")
    at = _time(fields["at"])
    if at is None or _canonical(fields) != content:
        raise NoEntryError("it is written in another way than copilot writes")
    return Sealed(
        entry=AuditEntry(
            seq=fields["seq"],
            at=at,
            action=fields["action"],
            subject=fields["subject"],
            detail=fields["detail"],
            principal=fields["principal"],
            account=fields["account"],
        ),
        trail=fields["trail"],
        prev=fields["prev"],
        key=fields["key"],
        seal=fields["seal"],
        digest=digest(line),
    )


def _time(text: str) -> datetime | None:
    """The time, if it is written as copilot writes it."""
    try:
        at = datetime.fromisoformat(text)
        return at if at.astimezone(UTC).isoformat() == text else None
    except (ValueError, OverflowError):
        return None


def _fields(entry: AuditEntry, *, trail: str, prev: str, key: str) -> Fields:
    return {
        "account": entry.account,
        "action": entry.action,
        "at": entry.at.astimezone(UTC).isoformat(),
        "detail": dict(entry.detail),
        "key": key,
        "prev": prev,
        "principal": entry.principal,
        "seq": entry.seq,
        "subject": entry.subject,
        "trail": trail,
        "v": FORMAT,
    }
