"""How GitLab is spoken to, and how it says no.

Invariant: a parameter that GitLab's API rejects before its models see it is named like a field
that they reject.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from copilot.adapters.sinks.answers import item, text
from copilot.adapters.sinks.calling import Answer, Complaint, Manners
from copilot.extracted import Json

# "title is missing, due_date is invalid"
_PARAMETER = re.compile(r"^(\w+)(?:\[\])? ((?:is|does|must|can).*)$")


def manners() -> Manners:
    return Manners(
        authorise=lambda key, body: {"PRIVATE-TOKEN": key},
        complaint=_complaint,
    )


def _complaint(answer: Answer) -> Complaint:
    said = item(answer.body, "message")
    if isinstance(said, Mapping):
        return Complaint("", {name: _joined(why) for name, why in said.items()})
    error = text(answer.body, "error")
    named = [_PARAMETER.match(part.strip()) for part in error.split(",")]
    fields = {one[1]: one[2] for one in named if one}
    general = [_joined(said), "" if fields else error, text(answer.body, "error_description")]
    return Complaint("; ".join(part for part in general if part), fields)


def _joined(said: Json) -> str:
    """GitLab says one thing, or a list of them."""
    if isinstance(said, Sequence) and not isinstance(said, str):
        return ", ".join(str(one) for one in said)
    return "" if said is None else str(said)
