"""How ServiceNow is spoken to: encoded queries, and what its errors say.

Invariant: a value in a query is one value; neither ``^`` nor ``javascript:`` in it does anything.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Mapping

from copilot.adapters.sinks.answers import text
from copilot.adapters.sinks.calling import Answer, Complaint, Manners
from copilot.adapters.sinks.sessions import bearer

_MANDATORY = (
    re.compile(r"fields are mandatory: (?P<labels>.+)"),
    re.compile(r"Data Policy Exception: (?P<labels>[^:]+?) (?:is|are) mandatory"),
)
_BY_LABEL = {"resolution_code": "close_code", "resolution_notes": "close_notes"}
_SCRIPT = re.compile(r"javascript\s*:", re.IGNORECASE)
_MARKUP = re.compile(r"\[(?=/?code\]|copilot:)", re.IGNORECASE)
_NEXT = re.compile(r"<[^>]*[?&]sysparm_offset=(\d+)[^>]*>;\s*rel=\"next\"")


def manners(user: str) -> Manners:
    """Basic authentication for a user's password, or a bearer token without a user."""
    return Manners(authorise=_basic(user) if user else bearer, complaint=complaint)


def quoted(value: str) -> str:
    """A value for an encoded query, in which ``^`` joins conditions and ``^^`` is a ``^``.

    ServiceNow runs what follows ``javascript:``; such a value can only be looked for without it.
    """
    while _SCRIPT.search(value):  # what is left may be one again
        value = _SCRIPT.sub("", value)
    return value.replace("^", "^^")


def journalled(said: str, *, mark: str) -> str:
    """A journal's entry: what stands between ``[code]`` is HTML to it, and only we set marks."""
    return _MARKUP.sub("(", said) + f"\n\n{mark}"


def next_offset(answer: Answer) -> int | None:
    """Where the next page begins; None: this was the last one."""
    found = _NEXT.search(answer.headers.get("link", ""))
    return int(found[1]) if found else None


def complaint(answer: Answer) -> Complaint:
    """``{"error": {"message", "detail"}}``; a data policy names fields by their labels."""
    message = text(answer.body, "error", "message")
    detail = text(answer.body, "error", "detail")
    fields: dict[str, str] = {}
    for pattern in _MANDATORY:
        found = pattern.search(detail)
        if found and not fields:
            fields = {_named(label): "is mandatory" for label in found["labels"].split(",")}
    said = ": ".join(part for part in (message, detail) if part)
    return Complaint(said or text(answer.body, "error"), fields)


def _named(label: str) -> str:
    """The field of a label; ServiceNow makes the one of the other, but for what closes."""
    name = "_".join(label.lower().split())
    return _BY_LABEL.get(name, name)


def _basic(user: str) -> Callable[[str, bytes], Mapping[str, str]]:
    def proof(key: str, body: bytes) -> Mapping[str, str]:
        return {"Authorization": "Basic " + b64encode(f"{user}:{key}".encode()).decode()}

    return proof
