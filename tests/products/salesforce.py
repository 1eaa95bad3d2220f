"""Salesforce's REST API, as its documentation tells: external ids, SOQL, describe, OAuth.

Invariant: a query is parsed as SOQL, string literals with their escapes; what isn't SOQL is
MALFORMED_QUERY and finds nothing.
"""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import parse_qs

from copilot.testing.http_server import HttpReply, HttpRequest, HttpServer
from tests.products.asked import basic, parts

CLIENT = "3MVG9.client"
USER_ID = "005xx0000012345"
KEY_FIELD = "Copilot_Key__c"

Row = dict[str, Any]

_TEXT = ("string", True, ())
_SALES = (
    "Prospecting",
    "Qualification",
    "Needs Analysis",
    "Value Proposition",
    "Id. Decision Makers",
    "Perception Analysis",
    "Proposal/Price Quote",
    "Negotiation/Review",
    "Closed Won",
    "Closed Lost",
)
_DESCRIBED: dict[str, dict[str, tuple[str, bool, tuple[str, ...]]]] = {
    # name: type, nillable, picklist
    "Case": {
        "Subject": _TEXT,
        "Description": ("textarea", True, ()),
        "Status": ("picklist", True, ("New", "Working", "Closed")),
        "Priority": ("picklist", True, ("High", "Medium", "Low")),
        "Origin": ("picklist", True, ("Email", "Phone", "Web")),
        "SuppliedName": _TEXT,
        "SuppliedEmail": ("email", True, ()),
        "SuppliedPhone": ("phone", True, ()),
        "SuppliedCompany": _TEXT,
    },
    "Contact": {
        "FirstName": _TEXT,
        "LastName": ("string", False, ()),
        **dict.fromkeys(("Phone", "MobilePhone", "Title"), _TEXT),
        "Email": ("email", True, ()),
        **dict.fromkeys(("MailingStreet", "Description"), _TEXT),
    },
    "Lead": {
        "FirstName": _TEXT,
        "LastName": ("string", False, ()),
        "Company": ("string", False, ()),
        **dict.fromkeys(("Email", "Phone", "MobilePhone", "Title", "Website", "Street"), _TEXT),
        "Status": ("picklist", False, ("Open - Not Contacted", "Closed - Not Converted")),
    },
    "Opportunity": {
        "Name": ("string", False, ()),
        "StageName": ("picklist", False, _SALES),
        "CloseDate": ("date", False, ()),
        "Amount": ("currency", True, ()),
        "Probability": ("percent", True, ()),
        "NextStep": _TEXT,
        "Description": ("textarea", True, ()),
    },
    "User": {"Name": _TEXT, "Username": _TEXT},
    "CaseComment": {"ParentId": ("reference", False, ()), "CommentBody": _TEXT},
    "Task": {
        **dict.fromkeys(("WhoId", "WhatId", "Subject", "Description"), _TEXT),
        "Status": ("picklist", False, ("Not Started", "Completed")),
    },
}
_LONGEST = {
    "Case": {"Subject": 255, "Description": 32_000},
    "Opportunity": {"Name": 120, "Description": 32_000},
    "CaseComment": {"CommentBody": 4_000},
    "Task": {"Description": 32_000},
}
_PREFIX = {"Case": "500", "Contact": "003", "Lead": "00Q", "Opportunity": "006"}
_WITH_KEY = tuple(_PREFIX)
_STATES = {"Case": "IsClosed", "Opportunity": "IsClosed", "Lead": "IsConverted"}


class SalesforceServer(HttpServer):
    """Records stand in ``records``, by object and id."""

    def __init__(self, secret: str, *, key_field: str = KEY_FIELD, page: int = 2000) -> None:
        super().__init__()
        self.key_field = key_field  # empty: nobody has made it
        self.page = page
        self.records: dict[str, dict[str, Row]] = {name: {} for name in _DESCRIBED}
        self._secret = secret
        self.tokens = {secret}  # what is a session, and so a stored token too
        bot = {"Id": USER_ID, "Name": "Copilot Bot", "Username": "bot@acme.example"}
        self.records["User"][USER_ID] = bot
        self._cursors: dict[str, list[Row]] = {}

    def writes(self, request: HttpRequest) -> bool:
        return super().writes(request) and not request.path.endswith("/oauth2/token")

    def answer(self, request: HttpRequest) -> HttpReply:
        if parts(request) == ("services", "oauth2", "token"):
            return self._token(request)
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return _error(401, "INVALID_SESSION_ID", "Session expired or invalid")
        match (request.method, *parts(request)):
            case ("GET", "services", "data", version):
                there = f"/services/data/{version}"
                return HttpReply(
                    200, {"identity": f"{self.url}/id/00Dxx/{USER_ID}", "query": there}
                )
            case ("GET", "services", "data", _, "query"):
                return self._query(request.query.get("q", ""))
            case ("GET", "services", "data", _, "query", cursor):
                return self._shown(self._cursors.pop(cursor), None)
            case ("GET", "services", "data", _, "sobjects", name, "describe") if name in _DESCRIBED:
                return self._describe(name)
            case ("POST", "services", "data", _, "sobjects", name) if name in _DESCRIBED:
                return self.add(name, request.body, {})
            case (_, "services", "data", _, "sobjects", name, field, value) if name in _DESCRIBED:
                return self._by_key(name, field, value, request)
            case (_, "services", "data", _, "sobjects", name, id_) if name in _DESCRIBED:
                return self._one(name, self.records[name].get(id_), request)
        return _error(404, "NOT_FOUND", "The requested resource does not exist")

    def _token(self, request: HttpRequest) -> HttpReply:
        form = {name: values[-1] for name, values in parse_qs(request.raw.decode()).items()}
        known = request.headers.get("authorization") == basic(CLIENT, self._secret)
        if form.get("grant_type") != "client_credentials" or not known:
            said = {"error": "invalid_client", "error_description": "invalid client credentials"}
            return HttpReply(400, said)
        token = f"00D-session-{len(self.tokens)}"
        self.tokens.add(token)
        said = {"access_token": token, "token_type": "Bearer", "instance_url": self.url}
        return HttpReply(200, said | {"scope": "api", "id": f"{self.url}/id/00D/005"})

    def _describe(self, name: str) -> HttpReply:
        told = [_told("Id", "id", True, ()) | {"createable": False, "updateable": False}]
        told += [_told(n, kind, nil, picks) for n, (kind, nil, picks) in _DESCRIBED[name].items()]
        if self.key_field and name in _WITH_KEY:
            key = _told(self.key_field, "string", True, ())
            told.append(key | {"externalId": True, "unique": True})
        return HttpReply(200, {"name": name, "fields": told})

    def _by_key(self, name: str, field: str, value: str, request: HttpRequest) -> HttpReply:
        if field != self.key_field or name not in _WITH_KEY:
            return _error(404, "NOT_FOUND", "Provided external ID field does not exist or is not …")
        row = next((r for r in self.records[name].values() if r.get(field) == value), None)
        if request.method == "PATCH" and row is None:
            return self.add(name, request.body, {field: value})
        told = self._one(name, row, request)
        if request.method == "PATCH" and row is not None and told.status == 204:
            done = {"id": row["Id"], "success": True, "errors": [], "created": False}
            return HttpReply(200, done)
        return told

    def _one(self, name: str, row: Row | None, request: HttpRequest) -> HttpReply:
        if row is None:
            return _error(404, "NOT_FOUND", "The requested resource does not exist")
        if request.method == "DELETE":
            del self.records[name][row["Id"]]
            return HttpReply(204)
        if request.method == "PATCH":
            return self._set(name, row, request.body) or HttpReply(204)
        return HttpReply(200, {"attributes": {"type": name}, **row})

    def add(self, name: str, given: Row, key: Row) -> HttpReply:
        """A record with these values; ``key`` names its external id."""
        id_ = f"{_PREFIX.get(name, '00X')}xx{len(self.records[name]) + 1:013d}"
        row: Row = {"Id": id_, **dict.fromkeys(_DESCRIBED[name]), "CreatedDate": id_, **key}
        if name in ("Case", "Lead"):
            row["Status"] = _DESCRIBED[name]["Status"][2][0]
        refused = self._set(name, row, given)
        if refused is not None:
            return refused
        self.records[name][id_] = row
        return HttpReply(201, {"id": id_, "success": True, "errors": [], "created": True})

    def _set(self, name: str, row: Row, given: Row) -> HttpReply | None:
        known = _DESCRIBED[name]
        for field, value in given.items():
            if field not in known:
                text = f"No such column '{field}' on sobject of type {name}"
                return _error(400, "INVALID_FIELD", text)
            if known[field][0] == "email" and value and "@" not in value:
                text = f"{field}: invalid email address: {value}"
                return _error(400, "INVALID_EMAIL_ADDRESS", text, [field])
            if known[field][0] == "date" and value and not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
                text = f"Cannot deserialize instance of date from VALUE_STRING value {value}"
                return _error(400, "JSON_PARSER_ERROR", text)
        for field, most in _LONGEST.get(name, {}).items():
            value = str(given.get(field) or "").replace("\n", "\r\n")
            size = len(html.escape(value).encode()) if field == "CommentBody" else len(value)
            if size > most:
                text = f"{field}: data value too large: {value[:20]}… (max length={most})"
                return _error(400, "STRING_TOO_LONG", text, [field])
        after = row | given
        missing = [n for n, (_, nil, _) in known.items() if not nil and after.get(n) in (None, "")]
        if missing:
            text = f"Required fields are missing: [{', '.join(missing)}]"
            return _error(400, "REQUIRED_FIELD_MISSING", text, missing)
        row |= given
        if name in ("Contact", "Lead"):
            row["Name"] = f"{row.get('FirstName') or ''} {row['LastName']}".strip()
        state = _STATES.get(name)
        if state:
            row[state] = "Closed" in str(row.get("Status") or row.get("StageName") or "")
        return None

    def _query(self, soql: str) -> HttpReply:
        match = re.fullmatch(
            r"SELECT ([\w, ]+) FROM (\w+)(?: WHERE (.+?))?(?: ORDER BY [\w ]+?)?(?: LIMIT (\d+))?",
            soql,
            re.DOTALL,
        )
        if match is None or match[2] not in _DESCRIBED:
            return _error(400, "MALFORMED_QUERY", f"unexpected token in: {soql}")
        columns, name, condition, limit = match.groups()
        try:
            test = where(condition) if condition else (lambda row: True)
        except ValueError as error:
            return _error(400, "MALFORMED_QUERY", str(error))
        rows = [row for row in self.records[name].values() if test(row)]
        wanted = [column.strip() for column in columns.split(",")]
        rows = [{column: row.get(column) for column in wanted} for row in rows]
        return self._shown(rows, int(limit) if limit else None)

    def _shown(self, rows: list[Row], limit: int | None) -> HttpReply:
        rows = rows if limit is None else rows[:limit]
        body: Row = {"totalSize": len(rows), "done": len(rows) <= self.page}
        body["records"] = rows[: self.page]
        if not body["done"]:
            cursor = f"01g-{len(self._cursors) + 1}"
            self._cursors[cursor] = rows[self.page :]
            body["nextRecordsUrl"] = f"/services/data/v62.0/query/{cursor}"
        return HttpReply(200, body)


def _told(name: str, kind: str, nillable: bool, choices: tuple[str, ...]) -> Row:
    picks = [{"value": one, "label": one, "active": True} for one in choices]
    row = {"name": name, "label": name, "type": kind, "nillable": nillable, "picklistValues": picks}
    return row | {"createable": True, "updateable": True, "defaultedOnCreate": name == "Status"}


def _error(status: int, code: str, message: str, fields: list[str] | None = None) -> HttpReply:
    one: Row = {"message": message, "errorCode": code}
    return HttpReply(status, [one | ({"fields": fields} if fields is not None else {})])


def where(condition: str) -> Any:
    """The test that a condition of SOQL comes to. ValueError: it is none."""
    return _Condition(condition).parsed()


class _Condition:
    """WHERE: comparisons joined by AND and OR, in parentheses; literals with ``\\`` escapes."""

    _TOKEN = re.compile(r"\s*('(?:[^'\\]|\\.)*'|\(|\)|!=|=|\w+)", re.DOTALL)

    def __init__(self, text: str) -> None:
        self._tokens: list[str] = []
        at = 0
        while text[at:].strip():
            match = self._TOKEN.match(text, at)
            if match is None:
                raise ValueError(f"unexpected character at {at}: {text}")
            self._tokens.append(match[1])
            at = match.end()

    def parsed(self) -> Any:
        test = self._any()
        if self._tokens:
            raise ValueError(f"unexpected token: {self._tokens[0]}")
        return test

    def _any(self) -> Any:
        tests = [self._all()]
        while self._tokens and self._tokens[0] == "OR":
            self._tokens.pop(0)
            tests.append(self._all())
        return lambda row: any(test(row) for test in tests)

    def _all(self) -> Any:
        tests = [self._one()]
        while self._tokens and self._tokens[0] == "AND":
            self._tokens.pop(0)
            tests.append(self._one())
        return lambda row: all(test(row) for test in tests)

    def _one(self) -> Any:
        if len(self._tokens) < 3:
            raise ValueError("unexpected end")
        if self._tokens[0] == "(":
            self._tokens.pop(0)
            inner = self._any()
            if not self._tokens or self._tokens.pop(0) != ")":
                raise ValueError("missing )")
            return inner
        field, operator, literal = (self._tokens.pop(0) for _ in range(3))
        if literal in ("true", "false"):
            return lambda row: bool(row.get(field)) == (literal == "true")
        if not literal.startswith("'") or operator not in ("=", "LIKE"):
            raise ValueError(f"unexpected token: {literal}")
        if operator == "=":
            wanted = re.sub(r"\\(.)", r"\1", literal[1:-1]).lower()
            return lambda row: str(row.get(field) or "").lower() == wanted
        pattern = _like(literal[1:-1])
        return lambda row: bool(pattern.fullmatch(str(row.get(field) or "")))


def _like(literal: str) -> re.Pattern[str]:
    parts = re.findall(r"\\.|.", literal, re.DOTALL)
    wild = {"%": ".*", "_": "."}
    text = "".join(wild.get(part) or re.escape(part[-1]) for part in parts)
    return re.compile(text, re.IGNORECASE | re.DOTALL)
