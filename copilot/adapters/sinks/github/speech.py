"""How GitHub is spoken to, and how it says no.

Invariant: a limit is told from a missing right, though both are a 403.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from copilot.adapters.sinks.answers import item, items, text
from copilot.adapters.sinks.calling import Answer, Complaint, Manners
from copilot.adapters.sinks.sessions import bearer
from copilot.extracted import Json

_NEXT = re.compile(r'<([^<>]*)>;\s*rel="next"')
_SAID = {
    "missing": "doesn't exist",
    "missing_field": "is required",
    "invalid": "is invalid",
    "already_exists": "is taken",
    "unprocessable": "can't be used",
}


def manners() -> Manners:
    return Manners(
        authorise=bearer,
        complaint=_complaint,
        limited=_limited,
        headers={
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
        },
    )


def next_page(answer: Answer) -> Mapping[str, str]:
    """What asks for the page behind this one; empty: it is the last.

    Pages have numbers only at a list's beginning (the first thousand issues, say), then cursors.
    """
    found = _NEXT.search(answer.headers.get("link", ""))
    return dict(parse_qsl(urlsplit(found[1]).query)) if found else {}


def _complaint(answer: Answer) -> Complaint:
    errors = items(answer.body, "errors")
    fields = {text(one, "field"): _why(one) for one in errors if text(one, "field")}
    general = [text(one, "message") for one in errors if not text(one, "field")]
    listed = item(answer.body, "errors")
    if isinstance(listed, list):
        general += [one for one in listed if isinstance(one, str)]
    said = [text(answer.body, "message"), *general]
    return Complaint("; ".join(one for one in said if one), fields)


def _why(error: Mapping[str, Json]) -> str:
    code = text(error, "code")
    return text(error, "message") or _SAID.get(code, code) or "is rejected"


def _limited(answer: Answer) -> bool:
    if answer.status == 429:
        return True
    spent = answer.headers.get("x-ratelimit-remaining") == "0"
    asked = "retry-after" in answer.headers or "rate limit" in text(answer.body, "message").lower()
    return answer.status == 403 and (spent or asked)
