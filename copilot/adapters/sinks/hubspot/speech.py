"""How HubSpot is spoken to, and what its errors say.

Invariant: a property that HubSpot complains of is named, in whichever of its two ways it does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from copilot.adapters.sinks.answers import item, items, text
from copilot.adapters.sinks.calling import Answer, Complaint, Manners
from copilot.adapters.sinks.sessions import bearer
from copilot.extracted import Json

_LIST = "Property values were not valid: "


def manners() -> Manners:
    """A service key, or the token of an app of the account's own."""
    return Manners(authorise=bearer, complaint=complaint, limited=_limited)


def complaint(answer: Answer) -> Complaint:
    """``errors: [{message, context: {propertyName: []}}]``, or a list as JSON in ``message``."""
    said = text(answer.body, "message")
    fields: dict[str, str] = {}
    for one in items(answer.body, "errors"):
        for name in _named(one):
            fields.setdefault(name, text(one, "message"))
    for one in _listed(said):
        fields.setdefault(text(one, "name"), text(one, "message"))
    fields.pop("", None)
    if fields and said.startswith(_LIST):
        said = _LIST.rstrip(": ")
    return Complaint(said, fields)


def _named(error: Mapping[str, Json]) -> Iterator[str]:
    for key in ("propertyName", "properties"):
        names = item(error, "context", key)
        if isinstance(names, Sequence) and not isinstance(names, str):
            yield from (name for name in names if isinstance(name, str))
    yield text(error, "in")


def _listed(message: str) -> list[Mapping[str, Json]]:
    if not message.startswith(_LIST):
        return []
    try:
        return items({"found": json.loads(message.removeprefix(_LIST))}, "found")
    except ValueError:
        return []


def _limited(answer: Answer) -> bool:
    """Too many requests, records that are locked for seconds, or an account that is moved (477)."""
    return answer.status in (423, 429, 477)
