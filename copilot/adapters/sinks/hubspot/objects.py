"""HubSpot's objects: which record becomes which, their properties, and what a value is there.

``name`` stands for a contact's ``firstname`` and ``lastname``; all else are HubSpot's own names.
Invariant: HubSpot keeps every value as text, and nothing is an empty one.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from copilot.adapters.sinks.answers import as_text, item, items, text
from copilot.adapters.sinks.lengths import cut
from copilot.adapters.sinks.naming import joined_name, split_name
from copilot.extracted import Json
from copilot.proposals import SinkField

Row = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class ObjectType:
    """``stage``: the property that tells how far an object of a pipeline is.

    ``note``: HubSpot's number for the association of a note with such an object.
    """

    number: str
    title: str
    note: int
    required: tuple[str, ...] = ()
    pipeline: str = ""
    stage: str = ""


OBJECTS = {
    "contacts": ObjectType("0-1", "name", 202),
    "deals": ObjectType("0-3", "dealname", 214, ("dealname",), "pipeline", "dealstage"),
    "tickets": ObjectType("0-5", "subject", 228, ("subject",), "hs_pipeline", "hs_pipeline_stage"),
}
KINDS = {
    "ticket": "tickets",
    "incident": "tickets",
    "feature_request": "tickets",
    "crm_contact": "contacts",
    "crm_deal": "deals",
}
_TICKET = {"subject": "title", "content": "@text"}
DEFAULTS: Mapping[str, Mapping[str, str]] = {
    "ticket": _TICKET | {"hs_ticket_priority": "severity"},
    "incident": _TICKET | {"hs_ticket_priority": "severity"},
    "feature_request": _TICKET | {"hs_ticket_priority": "priority"},
    "crm_contact": {
        "name": "name",
        "email": "email",
        "phone": "phone",
        "mobilephone": "mobile",
        "company": "company",
        "jobtitle": "job_title",
        "website": "website",
        "address": "address",
        "hs_language": "language",
    },
    "crm_deal": {
        "dealname": "title",
        "amount": "amount",
        "deal_currency_code": "currency",
        "dealstage": "stage",
        "closedate": "close_date",
        "hs_next_step": "next_step",
        "description": "@text",
    },
}
_PRIORITY = "hs_ticket_priority"
SAID: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "ticket": {_PRIORITY: {"critical": "URGENT", "high": "HIGH", "normal": "MEDIUM", "low": "LOW"}},
    "incident": {_PRIORITY: {"SEV1": "URGENT", "SEV2": "HIGH", "SEV3": "MEDIUM"}},
    "feature_request": {_PRIORITY: {"must": "HIGH", "should": "MEDIUM", "nice_to_have": "LOW"}},
    "crm_deal": {
        "dealstage": {
            "lead": "appointmentscheduled",
            "qualified": "qualifiedtobuy",
            "proposal": "presentationscheduled",
            "negotiation": "contractsent",
            "won": "closedwon",
            "lost": "closedlost",
        }
    },
}
_MOST_TEXT = 60_000  # of 65,536
_NAME = SinkField("name", "First and last name")
_MIDNIGHT = re.compile(r"(\d{4}-\d\d-\d\d)T00:00(:00(\.0+)?)?Z")


def properties_of(values: Row) -> dict[str, Json]:
    """Values as HubSpot takes them."""
    told: dict[str, Json] = {}
    for name, value in values.items():
        if name == "name":
            told["firstname"], told["lastname"] = split_name(_text(value))
        else:
            told[name] = cut(_text(value), _MOST_TEXT)
    return told


def values_of(kind: str, properties: Row) -> dict[str, Json]:
    """What HubSpot holds, under the configuration's names."""
    values: dict[str, Json] = {name: _read(value) for name, value in properties.items()}
    if kind == "contacts":
        first, last = text(properties, "firstname"), text(properties, "lastname")
        values["name"] = joined_name(first, last) or None
    return values


def described(
    kind: str, properties: Iterable[Row], stages: Mapping[str, tuple[str, ...]]
) -> tuple[SinkField, ...]:
    """The properties that people see; of a pipeline and its stages the choices are ``stages``."""
    shown = (row for row in properties if item(row, "hidden") is not True)
    fields = tuple(_field(kind, row, stages) for row in shown)
    return (*fields, _NAME) if kind == "contacts" else fields


def note_body(said: str, mark: str) -> str:
    """A note is HTML: the text as text, its lines kept, and the mark of its key below."""
    plain = said.replace("[copilot:", "(copilot:")
    escaped = html.escape(cut(plain, _MOST_TEXT, size=_as_html), quote=False)
    lines = escaped.splitlines()
    return "<br>".join([*lines, "", mark])


def _as_html(said: str) -> int:
    return len(html.escape(said, quote=False).replace("\n", "<br>"))


def _field(kind: str, row: Row, stages: Mapping[str, tuple[str, ...]]) -> SinkField:
    name = text(row, "name")
    offered = (one for one in items(row, "options") if item(one, "hidden") is not True)
    fixed = item(row, "modificationMetadata", "readOnlyValue") is True
    return SinkField(
        name,
        label=text(row, "label"),
        type=text(row, "type"),
        required=name in OBJECTS[kind].required,
        choices=stages.get(name) or tuple(text(one, "value") for one in offered),
        writable=not fixed and item(row, "calculated") is not True,
    )


def _text(value: Json) -> str:
    """Several choices of one property stand between semicolons."""
    return as_text(value, between=";")


def _read(value: Json) -> Json:
    """A day is given back as its first moment."""
    day = _MIDNIGHT.fullmatch(value) if isinstance(value, str) else None
    return day[1] if day else value
