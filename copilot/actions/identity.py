"""What makes two writes the same, and what exactly was decided on.

Invariant: both are SHA-256 over canonical JSON, so the same content gives the same answer in any
process, on any machine; a changed byte of a write changes what was decided on.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping, Sequence

from copilot.codec import to_plain
from copilot.extracted import Json
from copilot.proposals import Operation, Proposal


def proposal_id(
    target: str,
    kind: str,
    *,
    operation: Operation,
    values: Mapping[str, Json],
    external_id: str = "",
    undoes: str = "",
    again: str = "",
) -> str:
    """The idempotency key of a write. ``again`` makes it another one on purpose."""
    return _digest(
        {
            "target": target,
            "kind": kind,
            "operation": operation,
            "values": _canonical(values),
            "external_id": external_id,
            "undoes": undoes,
            "again": again,
        }
    )


def digest_of(proposal: Proposal) -> str:
    """Of all that would be written, where to, and of the words that prove it."""
    evidence = {
        name: [to_plain(field.value), to_plain(field.evidence)]
        for name, field in proposal.fields.items()
    }
    return _digest(
        {
            "sink": proposal.sink,
            "target": proposal.target,
            "schema": proposal.schema,
            "write": to_plain(proposal.write),
            "evidence": evidence,
            "undoes": proposal.undoes,
        }
    )


def look_of(proposal: Proposal) -> str:
    """Of what a person sees who decides: what would be written, and what it would replace."""
    return _digest({"what": digest_of(proposal), "changes": to_plain(proposal.changes)})


def text_digest(text: str) -> str:
    """Of a text's words: line ends and other white space make no difference."""
    return _digest(" ".join(unicodedata.normalize("NFC", text).split()))


def _canonical(value: Json) -> Json:
    """The same for what is the same: 2.0 and 2, one accent in two spellings, absent and null."""
    match value:
        case str():
            return unicodedata.normalize("NFC", value)
        case float() if value.is_integer():
            return int(value)
        case Mapping():
            return {key: _canonical(one) for key, one in value.items() if one is not None}
        case Sequence():
            return [_canonical(one) for one in value]
        case _:
            return value


def _digest(value: object) -> str:
    plain = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(plain.encode()).hexdigest()
