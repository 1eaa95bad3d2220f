"""HubSpot's CRM API of one date, as its documentation tells: unique properties, a search that lags.

Invariant: what was created is found by its id and its unique properties at once, and by a search
only after ``settle``.
"""

from __future__ import annotations

import json
import re
from typing import Any

from copilot.testing.http_server import HttpReply, HttpRequest, HttpServer
from tests.products.asked import parts

PORTAL = 4711
VERSION = "2026-09"

Row = dict[str, Any]

_TEXT = ("string", "text", ())
_CLOSED = {"isClosed": "true"}
_PROPERTIES: dict[str, dict[str, tuple[str, str, tuple[str, ...]]]] = {
    "contacts": {
        **dict.fromkeys(("firstname", "lastname", "email", "phone", "mobilephone"), _TEXT),
        **dict.fromkeys(("company", "jobtitle", "website", "address"), _TEXT),
        "hs_language": ("enumeration", "select", ("de", "en", "es", "fr")),
    },
    "deals": {
        **dict.fromkeys(("dealname", "hs_next_step"), _TEXT),
        "amount": ("number", "number", ()),
        "closedate": ("datetime", "date", ()),
        "deal_currency_code": ("enumeration", "select", ("EUR", "USD")),
        "dealstage": ("enumeration", "radio", ()),
        "pipeline": ("enumeration", "select", ()),
        "description": ("string", "textarea", ()),
    },
    "tickets": {
        "subject": _TEXT,
        "content": ("string", "textarea", ()),
        "hs_pipeline": ("enumeration", "select", ()),
        "hs_pipeline_stage": ("enumeration", "select", ()),
        "hs_ticket_priority": ("enumeration", "select", ("LOW", "MEDIUM", "HIGH", "URGENT")),
    },
    "notes": dict.fromkeys(("hs_timestamp", "hs_note_body"), _TEXT),
}
_STAGES = {
    "deals": (
        "default",
        {
            "appointmentscheduled": {},
            "qualifiedtobuy": {},
            "presentationscheduled": {},
            "decisionmakerboughtin": {},
            "contractsent": {},
            "closedwon": _CLOSED,
            "closedlost": _CLOSED,
        },
    ),
    "tickets": ("0", {"1": {}, "2": {}, "3": {}, "4": {"ticketState": "CLOSED"}}),
}


class HubSpotServer(HttpServer):
    """Objects stand in ``objects``, by type and id."""

    def __init__(self, secret: str, *, key_property: str = "copilot_key", page: int = 100) -> None:
        super().__init__()
        self._proof = f"Bearer {secret}"
        self.page = page
        self.key_property = key_property  # empty: nobody has made it
        self.objects: dict[str, dict[str, Row]] = {name: {} for name in _PROPERTIES}
        self.notes_of: dict[tuple[str, str], list[str]] = {}
        self._searchable: set[str] = set()
        self._last = 5000

    def settle(self) -> None:
        """The search sees what there is."""
        self._searchable = {id_ for rows in self.objects.values() for id_ in rows}

    def writes(self, request: HttpRequest) -> bool:
        reads = request.path.endswith(("/search", "/batch/read"))
        return super().writes(request) and not reads

    def answer(self, request: HttpRequest) -> HttpReply:
        if request.headers.get("authorization") != self._proof:
            return _error(401, "INVALID_AUTHENTICATION", "Authentication credentials not found.")
        match (request.method, *_place(request)):
            case ("GET", "account-info", "details"):
                details = {
                    "portalId": PORTAL,
                    "accountType": "STANDARD",
                    "uiDomain": "app.hubspot.com",
                }
                return HttpReply(200, details)
            case ("GET", "crm", "properties", kind) if kind in _PROPERTIES:
                return self._paged(self._properties(kind), request)
            case ("GET", "crm", "pipelines", kind) if kind in _STAGES:
                pipeline, stages = _STAGES[kind]
                told = [{"id": id_, "label": id_, "metadata": m} for id_, m in stages.items()]
                return HttpReply(
                    200, {"results": [{"id": pipeline, "label": "Sales", "stages": told}]}
                )
            case ("POST", "crm", "objects", kind) if kind in self.objects:
                return self.create(kind, request.body)
            case ("POST", "crm", "objects", kind, "search") if kind in self.objects:
                return self._search(kind, request.body)
            case ("POST", "crm", "objects", kind, "batch", "read"):
                ids = [one["id"] for one in request.body["inputs"]]
                there = [self.objects[kind][id_] for id_ in ids if id_ in self.objects[kind]]
                status = 200 if len(there) == len(ids) else 207
                return HttpReply(status, {"status": "COMPLETE", "results": there})
            case ("GET", "crm", "objects", kind, id_, "associations", "notes"):
                notes = self.notes_of.get((kind, id_), [])
                return self._paged([{"toObjectId": note} for note in notes], request)
            case (_, "crm", "objects", kind, id_) if kind in self.objects:
                return self._one(kind, id_, request)
        return _error(404, "OBJECT_NOT_FOUND", "resource not found")

    def _properties(self, kind: str) -> list[Row]:
        told = [
            {"name": name, "label": name.title(), "type": type_, "fieldType": shown}
            | {"options": [{"label": o.title(), "value": o, "hidden": False} for o in options]}
            | {"hasUniqueValue": name == "email", "hidden": False}
            | {"modificationMetadata": {"readOnlyValue": False}}
            for name, (type_, shown, options) in _PROPERTIES[kind].items()
        ]
        fixed = {"modificationMetadata": {"readOnlyValue": True}}
        told.append({"name": "hs_object_id", "label": "Record ID", "type": "number"} | fixed)
        if self.key_property:
            own = {"name": self.key_property, "label": "Copilot key", "type": "string"}
            told.append(own | {"hasUniqueValue": True, "options": []})
        return told

    def _paged(self, rows: list[Row], request: HttpRequest) -> HttpReply:
        start = int(request.query.get("after", 0))
        body: Row = {"results": rows[start : start + self.page]}
        if start + self.page < len(rows):
            body["paging"] = {"next": {"after": str(start + self.page), "link": request.path}}
        return HttpReply(200, body)

    def _wrong(self, kind: str, properties: Row, *, but: str = "") -> HttpReply | None:
        known = {*_PROPERTIES[kind], self.key_property} - {""}
        for name, value in properties.items():
            if name not in known:
                text = f'Property "{name}" does not exist'
                return _invalid(name, text, "PROPERTY_DOESNT_EXIST")
            options = _PROPERTIES[kind].get(name, _TEXT)[2]
            if options and value and value not in options:
                return _old_invalid(name, f"{value} was not one of the allowed options")
        if properties.get("email") and "@" not in properties["email"]:
            return _old_invalid("email", f"Email address {properties['email']} is invalid")
        for id_, row in self.objects[kind].items():
            held = row["properties"]
            if id_ == but:
                continue
            if kind == "contacts" and properties.get("email", "").lower() == held.get("email", "-"):
                return _error(409, "CONFLICT", f"Contact already exists. Existing ID: {id_}")
            key = properties.get(self.key_property)
            if key and held.get(self.key_property) == key:
                text = f"{key} is already used by object {id_}"
                return _invalid(self.key_property, text, "CONFLICTING_UNIQUE_VALUE")
        return None

    def create(self, kind: str, given: Row) -> HttpReply:
        properties = given["properties"]
        refused = self._wrong(kind, properties)
        if refused is not None:
            return refused
        if kind == "tickets" and not properties.get("hs_pipeline_stage"):
            text = "Error creating TICKET. Some required properties were not set."
            context = {"properties": ["hs_pipeline_stage"]}
            errors = [{"message": text, "code": "REQUIRED_FIELD", "context": context}]
            return _error(400, "VALIDATION_ERROR", text, errors)
        self._last += 1
        id_ = str(self._last)
        row = {"id": id_, "properties": {"hs_object_id": id_}, "archived": False}
        self.objects[kind][id_] = row
        self._set(row, properties)
        for one in given.get("associations", []):
            to = {202: "contacts", 214: "deals", 228: "tickets"}[
                one["types"][0]["associationTypeId"]
            ]
            self.notes_of.setdefault((to, str(one["to"]["id"])), []).append(id_)
        return HttpReply(201, row)

    def _set(self, row: Row, properties: Row) -> None:
        held = row["properties"]
        for name, value in properties.items():
            text = value.lower() if name == "email" else value
            held[name] = None if text in ("", None) else text

    def _search(self, kind: str, wanted: Row) -> HttpReply:
        rows = [row for id_, row in self.objects[kind].items() if id_ in self._searchable]
        found = [
            row
            for row in rows
            if any(
                all(_meets(row["properties"], one) for one in group["filters"])
                for group in wanted["filterGroups"]
            )
        ]
        start, limit = int(wanted.get("after", 0)), int(wanted.get("limit", 10))
        body: Row = {"total": len(found), "results": found[start : start + limit]}
        if start + limit < len(found):
            body["paging"] = {"next": {"after": str(start + limit)}}
        return HttpReply(200, body)

    def _one(self, kind: str, id_: str, request: HttpRequest) -> HttpReply:
        by = request.query.get("idProperty", "")
        if by and by not in ("email", self.key_property):
            return _error(400, "VALIDATION_ERROR", f"{by} isn't a unique property")
        rows = list(self.objects[kind].values())
        row = next((r for r in rows if (r["properties"].get(by) if by else r["id"]) == id_), None)
        if row is None:
            return _error(404, "OBJECT_NOT_FOUND", "Object not found")
        if request.method == "DELETE":
            del self.objects[kind][row["id"]]
            return HttpReply(204)
        if request.method == "PATCH":
            properties = request.body["properties"]
            refused = self._wrong(kind, properties, but=row["id"])
            if refused is not None:
                return refused
            self._set(row, properties)
        return HttpReply(200, _with(row, request.query.get("properties", "")))


def _place(request: HttpRequest) -> tuple[str, ...]:
    """The path without its version, as in ``/crm/objects/2026-09/…``; of another one, nothing."""
    asked = parts(request)
    at = 2 if asked[0] == "crm" else 1  # /account-info/2026-09/details
    return asked[:at] + asked[at + 1 :] if asked[at : at + 1] == (VERSION,) else ()


def _with(row: Row, names: str) -> Row:
    """The object with the properties that were asked for, and no others."""
    wanted = {*names.split(","), "hs_object_id"}
    shown = {name: value for name, value in row["properties"].items() if name in wanted}
    return row | {"properties": shown | dict.fromkeys(wanted - shown.keys() - {""})}


def _meets(properties: Row, wanted: Row) -> bool:
    value = properties.get(wanted["propertyName"]) or ""
    if wanted["operator"] == "EQ":
        return bool(value == wanted["value"])
    words = re.findall(r"\w+", value.lower())
    return str(wanted["value"]).strip("*").lower() in words  # CONTAINS_TOKEN


def _error(status: int, category: str, message: str, errors: list[Row] | None = None) -> HttpReply:
    body: Row = {"status": "error", "message": message, "category": category}
    body["correlationId"] = "aeb5f871-7f07-4993-9211-075dc63e7cbf"
    return HttpReply(status, body | ({"errors": errors} if errors else {}))


def _invalid(name: str, message: str, code: str) -> HttpReply:
    errors = [{"message": message, "code": code, "context": {"propertyName": [name]}}]
    return _error(400, "VALIDATION_ERROR", f"Property values were not valid: {message}", errors)


def _old_invalid(name: str, message: str) -> HttpReply:
    """As objects still answer: the list stands as JSON in the message."""
    listed = [{"isValid": False, "message": message, "error": "INVALID", "name": name}]
    text = f"Property values were not valid: {json.dumps(listed)}"
    return _error(400, "VALIDATION_ERROR", text)
