"""How Salesforce is spoken to: sessions, SOQL, and what its errors say.

Invariant: a value in a query is one string literal, whatever stands in it.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence

from copilot.adapters.sinks.answers import items, text
from copilot.adapters.sinks.calling import Answer, Caller, Complaint, KeyFor, Manners
from copilot.adapters.sinks.options import needed, text_option
from copilot.adapters.sinks.sessions import Door, Proof, bearer, session
from copilot.config.records import SinkSettings
from copilot.extracted import Json

# Nothing was written, and it may go better soon: the day's calls are used up, a row is locked.
_LATER = ("REQUEST_LIMIT_EXCEEDED", "UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE")
_COLUMN = re.compile(r"No such column '(\w+)'")
_ESCAPED = {"\\": "\\\\", "'": "\\'", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def caller(name: str, settings: SinkSettings, *, key_for: KeyFor) -> Caller:
    """Calls with the stored token; with a ``user`` with a session of an app.

    ``user`` is then the app's client id, and the stored key its secret. It signs in where it calls,
    unless ``options.login_url`` is another place.
    """
    base = needed(settings, "url", sink=name)
    login = text_option(settings, "login_url", sink=name, default=base if settings.user else "")
    proof: Proof = bearer
    if login:
        proof = session(name, _door(name, login, settings, key_for), key=settings.key)
    return Caller(
        name,
        base,
        manners=Manners(authorise=proof, complaint=complaint, limited=_limited),
        key=settings.key,
        key_for=key_for,
        timeout_s=settings.timeout_s,
    )


def literal(value: str) -> str:
    """A string in SOQL."""
    return (
        "'" + "".join(_ESCAPED.get(c, c) for c in value if c.isprintable() or c in _ESCAPED) + "'"
    )


def containing(word: str) -> str:
    """A pattern for LIKE: ``%`` and ``_`` of the word mean themselves."""
    inner = literal(word)[1:-1].replace("%", "\\%").replace("_", "\\_")
    return f"'%{inner}%'"


def complaint(answer: Answer) -> Complaint:
    """``[{message, errorCode, fields}]``; of a sign-in ``{error, error_description}``."""
    errors = _errors(answer.body)
    fields: dict[str, str] = {}
    for one in errors:
        named = one.get("fields")
        names = list(named) if isinstance(named, Sequence) and not isinstance(named, str) else []
        column = _COLUMN.search(text(one, "message"))
        for name in [*names, *([column[1]] if column else [])]:
            fields.setdefault(str(name), text(one, "message"))
    said = [f"{text(one, 'errorCode')}: {text(one, 'message')}" for one in errors]
    said += [text(answer.body, "error"), text(answer.body, "error_description")]
    return Complaint("; ".join(one for one in said if one), fields)


def _errors(body: Json) -> list[Mapping[str, Json]]:
    return items({"errors": body}, "errors")


def _limited(answer: Answer) -> bool:
    codes = {text(one, "errorCode") for one in _errors(answer.body)}
    return answer.status == 429 or bool(codes & set(_LATER))


def _door(name: str, login: str, settings: SinkSettings, key_for: KeyFor) -> Door:
    client = needed(settings, "user", sink=name)

    def who(key: str, body: bytes) -> Mapping[str, str]:
        coded = b64encode(f"{client}:{key}".encode()).decode()
        return {"Authorization": f"Basic {coded}"}

    return Door(
        Caller(
            name,
            login,
            manners=Manners(authorise=who, complaint=complaint, limited=_limited),
            key=settings.key,
            key_for=key_for,
            timeout_s=settings.timeout_s,
        ),
        "/services/oauth2/token",
        form=lambda key: {"grant_type": "client_credentials"},
        remedy=f"actions.sinks.{name}.user is the app's client id",
    )
