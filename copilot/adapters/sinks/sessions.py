"""Sessions of an app, signed in with its secret by the client credentials flow (OAuth 2).

Invariant: the secret goes to the door alone, and a session is left before it may have ended.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from copilot.adapters.sinks.answers import item, text
from copilot.adapters.sinks.calling import Caller
from copilot.errors import NotFoundError, SinkAuthError, SinkRequestError

Proof = Callable[[str, bytes], Mapping[str, str]]
_LONGEST_S = 600.0  # the shortest that Salesforce's administrators can set is 15 minutes


@dataclass(frozen=True, slots=True)
class Door:
    """Where an app signs in, and what mends it. ``form``: what is posted, from the stored key."""

    caller: Caller
    path: str
    form: Callable[[str], Mapping[str, str]]
    remedy: str


def session(sink: str, door: Door, *, key: str) -> Proof:
    """Proves who we are by a session, and signs in again when it may have ended.

    ``key`` is the stored key's name.
    """
    held: dict[str, tuple[float, str]] = {}

    def proof(secret: str, body: bytes) -> Mapping[str, str]:
        until, token = held.get(secret, (0.0, ""))
        if not token or time.monotonic() > until:
            asked = time.monotonic()
            token, lasts = _signed_in(sink, door, secret, key=key)
            held[secret] = (asked + lasts, token)
        return bearer(token, body)

    return proof


def bearer(key: str, body: bytes) -> Mapping[str, str]:
    """The header that proves who we are by a token."""
    return {"Authorization": f"Bearer {key}"}


def _signed_in(sink: str, door: Door, secret: str, *, key: str) -> tuple[str, float]:
    """A token, and for how many seconds it surely holds."""
    try:
        answer = door.caller.exchange(door.path, door.form(secret))
    except (SinkRequestError, NotFoundError) as error:  # a door that isn't there says of no entry
        raise SinkAuthError(
            f"{sink} refuses the key {key}: {error.message}",
            hint=f"{door.remedy}; copilot keys set {key}",
        ) from error
    token = text(answer.body, "access_token")
    if not token:
        raise SinkAuthError(
            f"{sink} gave no session for the key {key}",
            hint=f"{door.remedy}; copilot keys set {key}",
        )
    told = item(answer.body, "expires_in")
    lasts = told * 0.9 if isinstance(told, int | float) else _LONGEST_S
    return token, min(lasts, _LONGEST_S)
