"""Jira's fields under flat names that say what shape a value has.

``priority.name``, ``customfield_10050.value`` and ``components[].name`` are objects, and lists of
them; ``customfield_10060.adf`` is a text that Jira wants as a document. Invariant: what ``flat``
makes of an issue's fields, ``shaped`` makes fields of again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from copilot.adapters.sinks.answers import item, items, listed, text
from copilot.adapters.sinks.jira.documents import document, is_document, text_of
from copilot.extracted import Json
from copilot.proposals import SinkField

MARK_LABEL = re.compile(r"^copilot-k[0-9a-f]{32}$")
STATUS = "status.name"
_DOCUMENTS = ("description", "environment")
_NAMING = ("name", "value", "accountId", "key")
_PARTS = {"option": "value", "user": "accountId", "issuelink": "key"}
_PLAIN = {"string": "string", "number": "number", "date": "date", "datetime": "date"}
# What is never a record's: where an issue goes, and what isn't text.
_LEFT_OUT = ("project", "issuetype", "attachment", "issuelinks")


def base(name: str) -> str:
    """Jira's own id of a field: of ``components[].name``, ``components``."""
    return name.partition(".")[0].removesuffix("[]")


def shaped(values: Mapping[str, Json]) -> dict[str, Json]:
    """An issue's ``fields`` as Jira takes them."""
    fields: dict[str, Json] = {}
    for name, value in values.items():
        key, _, part = name.partition(".")
        if value is None:
            fields[base(name)] = [] if key.endswith("[]") else None
        elif part == "adf" or name in _DOCUMENTS:
            fields[key] = document(str(value))
        elif key.endswith("[]"):
            fields[base(name)] = [{part: one} for one in listed(value)]
        elif part:
            fields[key] = {part: value}
        else:
            fields[name] = value
    return fields


def flat(fields: Json) -> dict[str, Json]:
    """The values of an issue's ``fields``, without our mark."""
    values: dict[str, Json] = {}
    for name, value in fields.items() if isinstance(fields, Mapping) else ():
        if is_document(value):
            values[name if name in _DOCUMENTS else f"{name}.adf"] = text_of(value)
        elif isinstance(value, Mapping):
            part = _named_by(value)
            if part:
                values[f"{name}.{part}"] = value[part]
        elif isinstance(value, Sequence) and not isinstance(value, str):
            rows = items(value)
            part = _named_by(rows[0]) if rows else ""
            values[f"{name}[].{part}" if part else name] = (
                [item(row, part) for row in rows] if part else list(value)
            )
        else:
            values[name] = value
    labels = listed(values.get("labels"))
    values["labels"] = [one for one in labels if not MARK_LABEL.match(str(one))]
    return values


def described(field: Mapping[str, Json]) -> SinkField | None:
    """A field of the create screen, under its flat name; None: not for records."""
    name = text(field, "fieldId") or text(field, "key")
    kind, inner = text(field, "schema", "type"), text(field, "schema", "items")
    if name in _LEFT_OUT or not name:
        return None
    allowed = items(field, "allowedValues")
    choices = tuple(text(one, "name") or text(one, "value") for one in allowed)
    shape = "string"
    if kind == "array":
        shape = "array"
        if inner != "string":
            name += f"[].{_PARTS.get(inner, 'name')}"
    elif text(field, "schema", "custom").endswith(":textarea"):
        name += ".adf"
    elif kind in _PLAIN:
        shape = _PLAIN[kind]
    else:
        name += f".{_PARTS.get(kind, 'name')}"
    return SinkField(
        name,
        text(field, "name"),
        shape,
        required=item(field, "required") is True and item(field, "hasDefaultValue") is not True,
        choices=tuple(one for one in choices if one),
    )


def _named_by(value: Mapping[str, Json]) -> str:
    return next((part for part in _NAMING if part in value), "")
