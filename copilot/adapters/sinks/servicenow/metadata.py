"""The fields of a ServiceNow table, from its data dictionary.

Invariant: what a table says of a field goes before what the tables that it extends say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from copilot.adapters.sinks.answers import item, text
from copilot.adapters.sinks.servicenow.speech import quoted
from copilot.errors import SinkAuthError
from copilot.extracted import Json
from copilot.proposals import SinkField

Row = Mapping[str, Json]
# Rows of a table that an encoded query finds, and the fields of them that are wanted.
Rows = Callable[[str, str, str], list[Row]]

_DEEPEST = 10


def described(table: str, rows: Rows, *, sink: str, language: str) -> tuple[SinkField, ...]:
    """Every field of ``table`` and of what it extends. SinkAuthError where we may not see them."""
    tables = _lineage(table, rows)
    named = ",".join(quoted(name) for name in tables)
    found = rows(
        "sys_dictionary",
        f"nameIN{named}^elementISNOTEMPTY^active=true",
        "name,element,column_label,internal_type,mandatory,read_only",
    )
    if not found:
        raise SinkAuthError(
            f"{sink} doesn't show the fields of {table}",
            hint="its user needs to read sys_db_object, sys_dictionary and sys_choice "
            "(role personalize_dictionary)",
        )
    listed = rows(
        "sys_choice",
        f"nameIN{named}^inactive=false^language={quoted(language)}",
        "name,element,value",
    )
    by_field: dict[str, Row] = {}
    choices: dict[str, tuple[str, ...]] = {}
    for name in reversed(tables):
        by_field |= {text(row, "element"): row for row in found if text(row, "name") == name}
        own = [row for row in listed if text(row, "name") == name]
        for element in {text(row, "element") for row in own}:
            choices[element] = tuple(
                text(row, "value") for row in own if text(row, "element") == element
            )
    return tuple(_field(name, row, choices.get(name, ())) for name, row in by_field.items())


def _lineage(table: str, rows: Rows) -> list[str]:
    """The table, what it extends, and so on."""
    found = [table]
    while len(found) < _DEEPEST:
        told = rows("sys_db_object", f"name={quoted(found[-1])}", "name,super_class.name")
        parents = {
            text(row, "super_class.name") for row in told if text(row, "name") == found[-1]
        } - {"", *found}
        if not parents:
            break
        found.append(parents.pop())
    return found


def _field(name: str, row: Row, choices: tuple[str, ...]) -> SinkField:
    kind = item(row, "internal_type")
    return SinkField(
        name,
        label=text(row, "column_label"),
        type=text(kind, "value") or text(kind) or "string",
        required=text(row, "mandatory") == "true",
        choices=choices,
        writable=text(row, "read_only") != "true",
    )
