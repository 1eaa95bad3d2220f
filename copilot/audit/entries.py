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
from dataclasses import dataclass, field
from datetime import UTC, datetime
from json.encoder import encode_basestring_ascii as _quoted

from copilot.errors import InternalError

Value = str | int | bool

FORMAT = 1
NO_ENTRY = "0" * 64  # stands for the entry before the first
MENDED = "audit.mended"  # owns up to what stands before it on its line: a write cut short
ROTATED = "audit.rotate_key"  # names the key that seals what comes behind it
_BEGINNING = b'{"account":'
_ACTION = re.compile(r"[a-z]+(\.[a-z_]+)+")
_LONGEST = 8192  # characters of all that an entry says: two paths, and no bodies
_DECODER = json.JSONDecoder()


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
    ``content`` is the entry as it stands there, in its only form.
    """

    entry: AuditEntry
    trail: str
    prev: str
    key: str
    seal: str
    digest: str
    content: bytes = field(repr=False)


class NoEntryError(Exception):
    """A line that isn't an entry. The message says in what way."""


def check(action: str, subject: str, *, detail: Mapping[str, Value], principal: str) -> None:
    """Raises InternalError for what no entry may hold: the caller's mistake, not the user's."""
    if _ACTION.fullmatch(action) is None or action in (MENDED, ROTATED):
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
    begin, end = _around_seal(entry, trail=trail, prev=prev, key=key_id(secret))
    return _joined(begin, _seal(secret, begin + end), end)


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
    # No text holds a bare quote, and no detail stands behind the seal: the last one is it.
    begin, _, end = sealed.content.rpartition(_seal_part(sealed.seal))
    expected = _seal(secret, begin + end)
    return hmac.compare_digest(expected.encode(), sealed.seal.encode("utf-8", "surrogatepass"))


def digest(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


def _is_value(value: object) -> bool:
    return isinstance(value, str | int)


def _around_seal(entry: AuditEntry, *, trail: str, prev: str, key: str) -> tuple[bytes, bytes]:
    """What stands before the seal in a line, and what behind it: together, what is sealed.

    As ``json.dumps`` with sorted keys would write it; many entries are read, and it takes longer.
    """
    begin = (
        f'{{"account":{_quoted(entry.account)},"action":{_quoted(entry.action)},'
        f'"at":"{entry.at.astimezone(UTC).isoformat()}","detail":{_object(entry.detail)},'
        f'"key":{_quoted(key)},"prev":{_quoted(prev)},"principal":{_quoted(entry.principal)}'
    )
    end = (
        f',"seq":{entry.seq},"subject":{_quoted(entry.subject)},"trail":{_quoted(trail)},'
        f'"v":{FORMAT}}}'
    )
    return begin.encode(), end.encode()


def _object(detail: Mapping[str, Value]) -> str:
    parts = (f"{_quoted(name)}:{_value(detail[name])}" for name in sorted(detail))
    return "{" + ",".join(parts) + "}"


def _value(value: Value) -> str:
    if isinstance(value, str):
        return _quoted(value)
    return ("true" if value else "false") if isinstance(value, bool) else str(int(value))


def _seal_part(seal: str) -> bytes:
    return f',"seal":{_quoted(seal)}'.encode()


def _joined(begin: bytes, seal: str, end: bytes) -> bytes:
    return begin + _seal_part(seal) + end


def _seal(secret: str, content: bytes) -> str:
    return hmac.digest(secret.encode("utf-8", "surrogatepass"), content, "sha256").hex()


def _decode(content: bytes, line: bytes) -> Sealed:
    try:
        fields, _ = _DECODER.raw_decode(content.decode("ascii"))  # what follows: compared below
    except (ValueError, RecursionError) as error:
        raise NoEntryError("it is no JSON of ours") from error
    if not isinstance(fields, dict) or type(fields.get("v")) is not int:
        raise NoEntryError("it is no entry of an audit trail")
    if fields["v"] > FORMAT:
        raise NoEntryError("it was written by a newer copilot, or altered")
    try:
        seal, seq = fields["seal"], fields["seq"]
        entry = AuditEntry(
            seq=seq,
            at=datetime.fromisoformat(fields["at"]),
            action=fields["action"],
            subject=fields["subject"],
            detail=fields["detail"],
            principal=fields["principal"],
            account=fields["account"],
        )
        trail, prev, key = fields["trail"], fields["prev"], fields["key"]
        # Written anew, for there is one way to write it: what is no text can't be quoted.
        begin, end = _around_seal(entry, trail=trail, prev=prev, key=key)
        same = _joined(begin, seal, end) == content
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise NoEntryError("parts of it are missing, or are not what they should be") from error
    if not same or type(seq) is not int or seq < 1:
        raise NoEntryError("it is written in another way than copilot writes")
    return Sealed(
        entry, trail=trail, prev=prev, key=key, seal=seal, digest=digest(line), content=content
    )
