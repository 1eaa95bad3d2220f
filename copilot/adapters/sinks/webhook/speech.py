"""How events are signed (Standard Webhooks), and what a receiver may say of one.

Invariant: the signature covers id, time and body; the secret itself is never sent.
"""

from __future__ import annotations

import binascii
import hmac
import json
import time
import uuid
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from hashlib import sha256

from copilot.adapters.sinks.answers import item, items, text
from copilot.adapters.sinks.calling import Answer, Complaint, Manners
from copilot.errors import SinkAuthError
from copilot.extracted import Json

_PREFIX = "whsec_"


def manners(sink: str, key_name: str) -> Manners:
    """Events are signed with the stored key; what comes back needn't be JSON."""
    return Manners(authorise=_signing(sink, key_name), complaint=complaint, json=False)


def event_id(body: Json) -> str:
    """The key of the write that an event tells of; without one, what tells its content."""
    key = text(body, "data", "key")
    return key or sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def complaint(answer: Answer) -> Complaint:
    """``{"error": text or {"message", "fields": {name: text}}}``, or a list of ``errors``."""
    error = item(answer.body, "error")
    said = text(error) or text(error, "message") or text(answer.body, "message")
    said = said or text(answer.body, "detail") or text(answer.body, "title")
    fields: dict[str, str] = {}
    for told in (item(error, "fields"), item(answer.body, "fields")):
        if isinstance(told, Mapping):
            fields |= {name: text(told, name) for name in told}
    for one in items(answer.body, "errors"):
        name = text(one, "field") or text(one, "path")
        if name:
            fields.setdefault(name, text(one, "message"))
    return Complaint(said, fields)


def _signing(sink: str, key_name: str) -> Callable[[str, bytes], Mapping[str, str]]:
    def proof(key: str, body: bytes) -> Mapping[str, str]:
        secret = _secret(key)
        if secret is None:
            raise SinkAuthError(
                f"{sink}: the key {key_name} begins with {_PREFIX} and isn't base64 behind it",
                hint=f"copilot keys set {key_name}",
            )
        # A look-up has no body, and is no event that is to be taken once.
        identifier = event_id(json.loads(body)) if body else uuid.uuid4().hex
        moment = str(int(time.time()))
        signed = f"{identifier}.{moment}.".encode() + body
        digest = hmac.new(secret, signed, sha256).digest()
        return {
            "webhook-id": identifier,
            "webhook-timestamp": moment,
            "webhook-signature": "v1," + b64encode(digest).decode(),
        }

    return proof


def _secret(key: str) -> bytes | None:
    if not key.startswith(_PREFIX):
        return key.encode()
    try:
        return b64decode(key.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        return None
