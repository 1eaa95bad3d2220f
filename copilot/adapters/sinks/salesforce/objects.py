"""Salesforce's objects: which record becomes which, and their fields by describe.

``Name`` of a contact or lead stands for ``FirstName`` and ``LastName``. Invariant: all else are
the API names that the organisation itself uses.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from copilot.adapters.sinks.answers import as_text, item, items, text
from copilot.adapters.sinks.lengths import Room, cut, fitted, in_bytes, units
from copilot.adapters.sinks.naming import split_name
from copilot.extracted import Json
from copilot.proposals import SinkField, SinkWrite

Row = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class ObjectType:
    """``done``: the field that tells whether one is. ``note``: what a comment on one is.

    ``parent`` and ``body`` are the note's fields for the object and the text, ``status`` is the
    object's own for how far it is.
    """

    title: str
    done: str = ""
    note: str = "Task"
    parent: str = "WhoId"
    body: str = "Description"
    status: str = ""


OBJECTS = {
    "Case": ObjectType("Subject", "IsClosed", "CaseComment", "ParentId", "CommentBody", "Status"),
    "Contact": ObjectType("Name"),
    "Lead": ObjectType("Name", "IsConverted"),
    "Opportunity": ObjectType("Name", "IsClosed", parent="WhatId", status="StageName"),
}
PEOPLE = ("Contact", "Lead")
_MOST_TEXT = 31_900  # of 32,000, in which a line break is two
_MOST_COMMENT = 3_900  # bytes, of 4,000, as HTML; the rest is for the mark
_CASE = {"Subject": "title", "Description": "@text"}
_REQUESTER = {
    "SuppliedName": "requester_name",
    "SuppliedEmail": "requester_email",
    "SuppliedPhone": "requester_phone",
    "SuppliedCompany": "company",
}
_PERSON = {
    "Name": "name",
    "Email": "email",
    "Phone": "phone",
    "MobilePhone": "mobile",
    "Title": "job_title",
}
DEFAULTS: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("ticket", "Case"): _CASE | _REQUESTER | {"Priority": "severity"},
    ("incident", "Case"): _CASE | {"Priority": "severity"},
    ("feature_request", "Case"): _CASE | _REQUESTER | {"Priority": "priority"},
    ("crm_contact", "Contact"): _PERSON | {"MailingStreet": "address"},
    ("crm_contact", "Lead"): _PERSON
    | {"Company": "company", "Website": "website", "Street": "address"},
    ("crm_deal", "Opportunity"): {
        "Name": "title",
        "StageName": "stage",
        "CloseDate": "close_date",
        "Amount": "amount",
        "NextStep": "next_step",
        "Description": "@text",
    },
}
SAID: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "ticket": {"Priority": {"critical": "High", "high": "High", "normal": "Medium", "low": "Low"}},
    "incident": {"Priority": {"SEV1": "High", "SEV2": "Medium", "SEV3": "Low"}},
    "feature_request": {"Priority": {"must": "High", "should": "Medium", "nice_to_have": "Low"}},
    "crm_deal": {
        "StageName": {
            "lead": "Prospecting",
            "qualified": "Qualification",
            "proposal": "Proposal/Price Quote",
            "negotiation": "Negotiation/Review",
            "won": "Closed Won",
            "lost": "Closed Lost",
        }
    },
}
_NAME = SinkField("Name", "First and last name", required=True)


def as_fits(write: SinkWrite) -> SinkWrite:
    """The write with texts that are no longer than Salesforce takes."""
    if write.operation == "comment":
        said, of_case = str(write.values.get("comment") or ""), write.kind == "Case"
        size, most = (_as_html, _MOST_COMMENT) if of_case else (_with_returns, _MOST_TEXT)
        return replace(write, values={"comment": cut(said, most, size=size)})
    room = _ROOMS.get(write.kind)
    if room is None:
        return write
    return replace(write, values=fitted(write.values, room, new=write.operation == "create"))


def _with_returns(said: str) -> int:
    return units(said) + said.count("\n")


def _as_html(said: str) -> int:
    return in_bytes(html.escape(said)) + said.count("\n")


_ROOMS = {
    "Case": Room("Subject", "Description", 255, _MOST_TEXT, text_size=_with_returns),
    "Opportunity": Room("Name", "Description", 120, _MOST_TEXT, text_size=_with_returns),
}


def body_of(kind: str, values: Row) -> dict[str, Json]:
    """Values as Salesforce takes them."""
    told = {name: _single(value) for name, value in values.items()}
    if kind in PEOPLE and "Name" in told:
        first, last = split_name(str(told.pop("Name") or ""))
        told |= {"FirstName": first or None, "LastName": last or None}
    return told


def _single(value: Json) -> Json:
    """Several choices of one picklist stand between semicolons."""
    return as_text(value, between=";") if isinstance(value, list | tuple | Mapping) else value


def described(kind: str, rows: Iterable[Row]) -> tuple[SinkField, ...]:
    """The fields of an object, which of them a creation needs, and what a picklist offers."""
    if kind not in PEOPLE:
        return tuple(_field(row) for row in rows)
    parts = (_field(row) for row in rows if text(row, "name") != "Name")
    return (
        *(replace(one, required=one.required and one.name != "LastName") for one in parts),
        _NAME,
    )


def _field(row: Row) -> SinkField:
    makes = item(row, "createable") is True
    given = item(row, "nillable") is True or item(row, "defaultedOnCreate") is True
    picks = (one for one in items(row, "picklistValues") if item(one, "active") is True)
    kind = text(row, "type")
    return SinkField(
        text(row, "name"),
        label=text(row, "label"),
        type=kind,
        required=makes and not given and kind != "boolean",
        choices=tuple(text(one, "value") for one in picks),
        writable=makes,
    )
