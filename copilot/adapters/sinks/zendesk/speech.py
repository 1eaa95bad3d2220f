"""How Zendesk is spoken to, and what its errors say.

Invariant: an error of a field stands under the name that a sink's field has in the configuration.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping

from copilot.adapters.sinks.answers import item, items, text
from copilot.adapters.sinks.calling import Answer, Caller, Complaint, KeyFor, Manners
from copilot.adapters.sinks.options import needed, text_option
from copilot.adapters.sinks.sessions import Door, Proof, bearer, session
from copilot.config.records import SinkSettings

CUSTOM = "custom_field_"
_BY_DETAIL = {"group": "group_id", "assignee": "assignee_id", "ticket_type": "type"}


def manners(name: str, settings: SinkSettings, *, key_for: KeyFor) -> Manners:
    """With a session of an OAuth client; an agent's address has an API token, nobody a token.

    API tokens end in April 2027; until then an account may still have one.
    """
    proof: Proof = bearer
    if "@" in settings.user:
        proof = _token_of(settings.user)
    elif settings.user:
        proof = session(name, _door(name, settings, key_for), key=settings.key)
    return Manners(authorise=proof, complaint=complaint, limited=_limited)


def complaint(answer: Answer) -> Complaint:
    """``{"error", "description", "details": {field: [{"description"}]}}``, or a title."""
    error = item(answer.body, "error")
    said = [text(answer.body, "error"), text(answer.body, "description")]
    said += [text(error, "title"), text(error, "message"), text(answer.body, "error_description")]
    details = item(answer.body, "details")
    fields: dict[str, str] = {}
    if isinstance(details, Mapping):
        for name in details:
            for one in items(details, name):
                why = text(one, "description")
                fields.setdefault(_field(name, why), why)
    return Complaint(": ".join(part for part in said if part), fields)


def _field(name: str, why: str) -> str:
    if name.isdecimal():
        return CUSTOM + name
    if name == "base" and why.lower().startswith("description"):
        return "description"
    if name == "requester":
        return "requester_email" if "mail" in why.lower() else "requester_name"
    return _BY_DETAIL.get(name, name)


def _limited(answer: Answer) -> bool:
    """Too many requests, or another one on the same ticket at this moment; nothing is written."""
    return answer.status in (409, 429)


def _door(name: str, settings: SinkSettings, key_for: KeyFor) -> Door:
    scope = text_option(settings, "scope", sink=name, default="read write")

    def form(key: str) -> Mapping[str, str]:
        client = {"client_id": settings.user, "client_secret": key}
        return {"grant_type": "client_credentials", **client, "scope": scope}

    return Door(
        Caller(
            name,
            needed(settings, "url", sink=name),
            manners=Manners(authorise=lambda key, body: {}, complaint=complaint, limited=_limited),
            key=settings.key,
            key_for=key_for,
            timeout_s=settings.timeout_s,
        ),
        "/oauth/tokens",
        form=form,
        remedy=f"actions.sinks.{name}.user is the OAuth client's identifier",
    )


def _token_of(user: str) -> Proof:
    def proof(key: str, body: bytes) -> Mapping[str, str]:
        plain = f"{user}/token:{key}"
        return {"Authorization": "Basic " + b64encode(plain.encode()).decode()}

    return proof
