"""Zendesk's tickets and their fields, to and from the names that the configuration uses.

These are the API's own, flat: ``requester_name`` and ``requester_email``, and
``custom_field_360001`` for a custom field. Invariant: a value goes into the field that names it,
and ``plain(inert(text)) == text``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from copilot.adapters.sinks.answers import as_text, item, items, text
from copilot.adapters.sinks.zendesk.speech import CUSTOM
from copilot.extracted import Json
from copilot.proposals import SinkField

Row = Mapping[str, Json]

# What an agent comments is Markdown, and Zendesk puts its own data where it says {{ticket.…}}.
_JOINER = "\N{WORD JOINER}"  # invisible, and no space: the text reads as before
_MARKUP = re.compile(rf"([{{\]!])({_JOINER}*)(?=[{{%(\[])")
_DEFUSED = re.compile(rf"([{{\]!])({_JOINER}*){_JOINER}(?=[{{%(\[])")
_BY_TYPE = {
    "subject": "subject",
    "description": "description",
    "status": "status",
    "tickettype": "type",
    "priority": "priority",
    "group": "group_id",
    "assignee": "assignee_id",
    "custom_status": "custom_status_id",
}
_SYSTEM = tuple(_BY_TYPE.values())
_BESIDES = (
    SinkField("requester_name", "Requester's name"),
    SinkField("requester_email", "Requester's e-mail address"),
    SinkField("tags", "Tags", "list"),
)


def described(rows: Iterable[Row]) -> tuple[SinkField, ...]:
    """The active ticket fields, and what else a ticket takes."""
    named = ((_name(row), row) for row in rows if item(row, "active") is not False)
    return (*(_field(name, row) for name, row in named if name), *_BESIDES)


def inert(said: str) -> str:
    """A stranger's text whose placeholders, links and images are only letters to Zendesk."""
    return _MARKUP.sub(rf"\1\2{_JOINER}", said)


def plain(said: str) -> str:
    """What ``inert`` was given."""
    return _DEFUSED.sub(r"\1\2", said)


def body_of(values: Row) -> dict[str, Json]:
    """A ticket with these values, as the API takes it; the description is told apart."""
    ticket: dict[str, Json] = {}
    custom: list[Json] = []
    for name, value in values.items():
        number = name.removeprefix(CUSTOM)
        if name.startswith(CUSTOM) and number.isdecimal():
            custom.append({"id": int(number), "value": value})
        elif name not in ("description", "requester_name", "requester_email", "external_id"):
            ticket[name] = value if name == "tags" else _single(value)
    if custom:
        ticket["custom_fields"] = custom
    email = values.get("requester_email")
    if email:  # a name alone would make a new person each time
        ticket["requester"] = {"name": values.get("requester_name") or email, "email": email}
    return ticket


def _single(value: Json) -> Json:
    return as_text(value, between=", ") if isinstance(value, list | tuple | Mapping) else value


def values_of(ticket: Row, users: Iterable[Row]) -> dict[str, Json]:
    """A ticket's values under the configuration's names; ``users`` are those it mentions."""
    values: dict[str, Json] = {name: ticket[name] for name in _SYSTEM if name in ticket}
    values |= {name: ticket[name] for name in ("tags", "external_id") if name in ticket}
    if "description" in values:
        values["description"] = plain(text(values, "description"))
    for one in items(ticket, "custom_fields"):
        values[CUSTOM + text(one, "id")] = one.get("value")
    requester = text(ticket, "requester_id")
    for user in users:
        if text(user, "id") == requester:
            values["requester_name"] = text(user, "name")
            values["requester_email"] = text(user, "email")
    return values


def _name(row: Row) -> str:
    kind = text(row, "type")
    if item(row, "removable") is not True:
        return _BY_TYPE.get(kind, "")
    return CUSTOM + text(row, "id")


def _field(name: str, row: Row) -> SinkField:
    options = items(row, "system_field_options") or items(row, "custom_field_options")
    return SinkField(
        name,
        label=text(row, "title"),
        type=text(row, "type"),
        required=name == "description",  # the one that a creation needs
        choices=tuple(text(one, "value") for one in options),
    )
