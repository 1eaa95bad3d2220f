"""How Jira Cloud is spoken to, how it says no, and how its query language is written.

Invariant: a value in a query is quoted, and nothing that it holds ends the quotes.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence

from copilot.adapters.sinks.answers import item
from copilot.adapters.sinks.calling import Answer, Complaint, Manners
from copilot.extracted import Json


def manners(user: str) -> Manners:
    def authorise(key: str, body: bytes) -> Mapping[str, str]:
        return {"Authorization": "Basic " + b64encode(f"{user}:{key}".encode()).decode()}

    return Manners(authorise=authorise, complaint=_complaint, limited=_limited)


def quoted(value: str) -> str:
    """A value for JQL."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _complaint(answer: Answer) -> Complaint:
    errors = item(answer.body, "errors")
    fields = {name: str(why) for name, why in errors.items()} if isinstance(errors, Mapping) else {}
    general = [*_texts(item(answer.body, "errorMessages")), *_texts(item(answer.body, "message"))]
    return Complaint("; ".join(general), fields)


def _limited(answer: Answer) -> bool:
    """Too many requests, or another change of the same issue at this moment; nothing is written."""
    return answer.status in (409, 429)


def _texts(value: Json) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [str(one) for one in value] if isinstance(value, Sequence) else []
