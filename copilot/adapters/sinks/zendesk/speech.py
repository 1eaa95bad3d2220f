"""How Zendesk is spoken to, and what its errors say.

Invariant: an error of a field stands under the name that a sink's field has in the configuration.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping

from copilot.adapters.sinks.answers import item, items, text
from copilot.adapters.sinks.calling import Answer, Complaint, Manners
from copilot.adapters.sinks.sessions import bearer

CUSTOM = "custom_field_"
_BY_DETAIL = {"group": "group_id", "assignee": "assignee_id", "ticket_type": "type"}


def manners(user: str) -> Manners:
    """An API token of ``user``; without a user an OAuth token."""
    proof = _token_of(user) if user else bearer
    return Manners(authorise=proof, complaint=complaint, limited=_limited)


def complaint(answer: Answer) -> Complaint:
    """``{"error", "description", "details": {field: [{"description"}]}}``, or a title."""
    error = item(answer.body, "error")
    said = [text(answer.body, "error"), text(answer.body, "description")]
    said += [text(error, "title"), text(error, "message")]
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


def _token_of(user: str) -> Callable[[str, bytes], Mapping[str, str]]:
    def proof(key: str, body: bytes) -> Mapping[str, str]:
        plain = f"{user}/token:{key}"
        return {"Authorization": "Basic " + b64encode(plain.encode()).decode()}

    return proof
