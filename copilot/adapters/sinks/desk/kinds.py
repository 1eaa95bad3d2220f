"""The desk's objects: which table each stands in, with which fields.

Invariant: a kind's fields are columns of its table; a kind that isn't listed is the name of a
schema that somebody wrote, and takes any field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from copilot.proposals import SinkField

STATES = ("open", "closed")
ANY = SinkField("*", "any field of the record")
# What is the desk's own has an @, as no record's field has: people name theirs as they like.
STATE, CREATED, UPDATED = "@state", "@created_at", "@updated_at"
_TEXT = (
    SinkField("description", "Text that it was read from"),
    SinkField("source", "Name of what it was read from"),
)
_ANY_TEXT = (
    SinkField("@text", "Text that it was read from"),
    SinkField("@source", "Name of what it was read from"),
)
_STATE = SinkField(STATE, "State", choices=STATES, writable=False)


@dataclass(frozen=True, slots=True)
class Kind:
    """``title``: the field that names an entry. ``closes``: undoing a creation closes it."""

    name: str
    table: str
    prefix: str
    sequence: str
    title: str
    own: tuple[SinkField, ...]
    closes: bool = False

    @property
    def text(self) -> tuple[SinkField, ...]:
        """The fields of the text that it was read from, and of its name."""
        return _ANY_TEXT if self.generic else _TEXT

    @property
    def fields(self) -> tuple[SinkField, ...]:
        return (*self.own, *self.text, _STATE)

    @property
    def generic(self) -> bool:
        return self.own == (ANY,)


def _named(names: str) -> tuple[SinkField, ...]:
    return tuple(SinkField(name, name.replace("_", " ").capitalize()) for name in names.split())


def _choice(name: str, choices: str) -> SinkField:
    return SinkField(name, name.capitalize(), choices=tuple(choices.split()))


def _required(name: str) -> tuple[SinkField]:
    return (SinkField(name, name.capitalize(), required=True),)


def _ticket(name: str, own: tuple[SinkField, ...]) -> Kind:
    return Kind(
        name, "tickets", "T-", "ticket_numbers", "title", (*_required("title"), *own), closes=True
    )


_REQUESTER = "requester_name requester_email requester_phone company"

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        _ticket(
            "ticket",
            (
                *_named(f"{_REQUESTER} product component version error_code reference url"),
                _choice(
                    "category", "bug outage access billing data question feature_request other"
                ),
                _choice("severity", "critical high normal low"),
                *_named("occurred_at due_date"),
            ),
        ),
        _ticket(
            "incident",
            (
                *_named("service component"),
                _choice("severity", "SEV1 SEV2 SEV3"),
                _choice("status", "investigating identified monitoring resolved"),
                *_named("started_at detected_at resolved_at impact cause error_code commander"),
                *_named("reference"),
            ),
        ),
        _ticket(
            "feature_request",
            (
                *_named(f"{_REQUESTER} product component reason workaround"),
                _choice("priority", "must should nice_to_have"),
                SinkField("users", "Users", "integer"),
                *_named("due_date"),
            ),
        ),
        Kind(
            "contact",
            "contacts",
            "C-",
            "contact_numbers",
            "name",
            (
                *_required("name"),
                *_named("job_title company email phone mobile website address language"),
            ),
        ),
        Kind(
            "deal",
            "deals",
            "D-",
            "deal_numbers",
            "title",
            (
                *_required("title"),
                *_named("company contact_name contact_email product"),
                SinkField("amount", "Amount", "number"),
                *_named("currency"),
                SinkField("seats", "Seats", "integer"),
                _choice("stage", "lead qualified proposal negotiation won lost"),
                SinkField("probability", "Probability", "number"),
                *_named("close_date next_step next_step_date competitor"),
            ),
        ),
        Kind(
            "meeting",
            "meetings",
            "M-",
            "meeting_numbers",
            "title",
            (
                *_required("title"),
                *_named("date start_time end_time time_zone location url organiser"),
                SinkField("attendees", "Attendees", "array"),
                SinkField("decisions", "Decisions", "array"),
                SinkField("action_items", "Action items", "array"),
            ),
        ),
    )
}
_BY_SCHEMA = {"crm_contact": "contact", "crm_deal": "deal"}


def kind_of_schema(schema: str) -> str:
    """The desk has a place for every schema; one of somebody's own is no kind of ours."""
    if schema in ("contact", "deal"):
        return f"my_{schema}"
    return _BY_SCHEMA.get(schema, schema)


def kind_named(name: str) -> Kind:
    """The kind, be it one of ours or a schema of somebody's own."""
    return KINDS.get(name) or Kind(name, "records", "R-", "record_numbers", "title", (ANY,))


def kinds_by_prefix() -> Mapping[str, Kind]:
    """One kind for each table, by how its numbers begin."""
    kinds = [kind_named("record"), *KINDS.values()]
    return {kind.prefix: kind for kind in kinds}


def columns_of(table: str) -> tuple[str, ...]:
    """A table's columns that hold what came with a record, of any kind that stands in it."""
    if table == "records":
        return ("description", "source", "data")
    kinds = [kind for kind in KINDS.values() if kind.table == table]
    names = [one.name for kind in kinds for one in (*kind.own, *kind.text)]
    return tuple(dict.fromkeys(names))
