"""ServiceNow's Table API, as its documentation tells: encoded queries, journals, data policies.

Invariant: fields that a table doesn't have are ignored, in a query as in a body, as ServiceNow
does; nothing is refused for them.
"""

from __future__ import annotations

import re
import uuid
from typing import Any

from copilot.testing.http_server import HttpReply, HttpRequest, HttpServer
from tests.products.asked import basic, parts

USER, USER_ID = "copilot.bot", "b0" * 16
PAGE = 10_000

Row = dict[str, Any]

_COLUMNS = {
    # table, element: label, type, mandatory, read_only, max_length
    ("task", "sys_id"): ("Sys ID", "GUID", False, True, 32),
    ("task", "number"): ("Number", "string", False, False, 40),
    ("task", "short_description"): ("Short description", "string", True, False, 160),
    ("task", "description"): ("Description", "string", False, False, 4000),
    ("task", "state"): ("State", "integer", False, False, 40),
    ("task", "active"): ("Active", "boolean", False, False, 40),
    ("task", "correlation_id"): ("Correlation ID", "string", False, False, 100),
    ("task", "correlation_display"): ("Correlation display", "string", False, False, 100),
    ("task", "work_notes"): ("Work notes", "journal_input", False, False, 4000),
    ("task", "comments"): ("Additional comments", "journal_input", False, False, 4000),
    ("task", "due_date"): ("Due date", "glide_date_time", False, False, 40),
    ("task", "sys_created_on"): ("Created", "glide_date_time", False, True, 40),
    ("incident", "urgency"): ("Urgency", "integer", False, False, 40),
    ("incident", "impact"): ("Impact", "integer", False, False, 40),
    ("incident", "category"): ("Category", "string", False, False, 40),
    ("incident", "close_code"): ("Resolution code", "string", False, False, 40),
    ("incident", "close_notes"): ("Resolution notes", "string", False, False, 4000),
}
_JOURNALS = ("work_notes", "comments")
_CHOICES = {
    "urgency": {"1": "1 - High", "2": "2 - Medium", "3": "3 - Low"},
    "impact": {"1": "1 - High", "2": "2 - Medium", "3": "3 - Low"},
    "state": {"1": "New", "2": "In Progress", "6": "Resolved", "7": "Closed", "8": "Canceled"},
    "category": {"inquiry": "Inquiry / Help", "software": "Software", "network": "Network"},
    "close_code": {"Solution provided": "Solution provided", "Duplicate": "Duplicate"},
}
_CONDITION = re.compile(r"(\w+?)(!=|=|LIKE|STARTSWITH|ISNOTEMPTY|ISEMPTY|IN)(.*)", re.DOTALL)


class ServiceNowServer(HttpServer):
    """Rows stand in ``tables``, by table and sys_id."""

    def __init__(self, secret: str, *, page: int = PAGE) -> None:
        super().__init__()
        self._secret = secret
        self.page = page  # the instance's own limit on rows an answer
        self.tables: dict[str, dict[str, Row]] = {"incident": {}, "sys_journal_field": {}}
        self._fill("sys_user", [{"sys_id": USER_ID, "user_name": USER, "name": "Copilot Bot"}])
        task, incident = uuid.uuid4().hex, uuid.uuid4().hex
        self.tables["sys_db_object"] = {
            task: {"sys_id": task, "name": "task", "super_class.name": ""},
            incident: {"sys_id": incident, "name": "incident", "super_class.name": "task"},
        }
        self._fill(
            "sys_dictionary",
            [
                {
                    "name": table,
                    "element": element,
                    "column_label": label,
                    "internal_type": {"value": kind},
                    "mandatory": str(mandatory).lower(),
                    "read_only": str(fixed).lower(),
                    "max_length": str(length),
                    "active": "true",
                }
                for (table, element), (label, kind, mandatory, fixed, length) in _COLUMNS.items()
            ],
        )
        self._fill(
            "sys_choice",
            [
                {"name": "incident", "element": element, "value": value, "label": label}
                | {"inactive": "false", "language": "en"}
                for element, choices in _CHOICES.items()
                for value, label in choices.items()
            ],
        )

    def answer(self, request: HttpRequest) -> HttpReply:
        if request.headers.get("authorization") not in self._proofs():
            return _error(401, "User Not Authenticated", "Required to provide Auth information")
        match parts(request):
            case ("api", "now", "table", table) if table not in self.tables:
                return _error(400, f"Invalid table {table}", "")
            case ("api", "now", "table", table):
                return (
                    self._list(table, request)
                    if request.method == "GET"
                    else self._added(table, request)
                )
            case ("api", "now", "table", table, sys_id):
                return self._one(table, sys_id, request)
        return _error(400, "Requested URI does not represent any resource", request.path)

    def _proofs(self) -> tuple[str, str]:
        return basic(USER, self._secret), f"Bearer {self._secret}"

    def _fill(self, table: str, rows: list[Row]) -> None:
        made = [{"sys_id": uuid.uuid4().hex, **row} for row in rows]
        self.tables[table] = {row["sys_id"]: row for row in made}

    def _list(self, table: str, request: HttpRequest) -> HttpReply:
        query = request.query
        rows = selected(list(self.tables[table].values()), query.get("sysparm_query", ""))
        limit = min(int(query.get("sysparm_limit", PAGE)), self.page)
        offset = int(query.get("sysparm_offset", 0))
        headers = {"X-Total-Count": str(len(rows))}
        if offset + limit < len(rows):
            after = (
                f"{self.url}{request.path}?sysparm_limit={limit}&sysparm_offset={offset + limit}"
            )
            headers["Link"] = f'<{after}>;rel="next"'
        shown = rows[offset : offset + limit]
        fields = query.get("sysparm_fields")
        if fields:
            shown = [{name: row.get(name, "") for name in fields.split(",")} for row in shown]
        return HttpReply(200, {"result": shown}, headers)

    def add(self, table: str, values: Row) -> Row | HttpReply:
        """A row with these values; or why there is none."""
        row: Row = {element: "" for _, element in _COLUMNS}
        row |= {"sys_id": uuid.uuid4().hex, "active": "true", "state": "1"}
        row["number"] = f"INC{len(self.tables[table]) + 1:07d}"
        row["sys_created_on"] = "2026-11-22 08:00:00"
        refused = self._set(table, row, values)
        if refused is not None:
            return refused
        self.tables[table][row["sys_id"]] = row
        return row

    def _added(self, table: str, request: HttpRequest) -> HttpReply:
        row = self.add(table, request.body)
        if isinstance(row, HttpReply):
            return row
        where = {"Location": f"{self.url}{request.path}/{row['sys_id']}"}
        return HttpReply(201, {"result": row}, where)

    def _one(self, table: str, sys_id: str, request: HttpRequest) -> HttpReply:
        row = self.tables.get(table, {}).get(sys_id)
        if row is None:
            detail = "Record doesn't exist or ACL restricts the record retrieval"
            return _error(404, "No Record found", detail)
        if request.method == "DELETE":
            del self.tables[table][sys_id]
            return HttpReply(204)
        if request.method in ("PATCH", "PUT"):
            refused = self._set(table, row, request.body)
            if refused is not None:
                return refused
        if request.query.get("sysparm_display_value") == "true":
            row = row | {journal: self._journal(sys_id, journal) for journal in _JOURNALS}
        return HttpReply(200, {"result": row})

    def _journal(self, sys_id: str, journal: str) -> str:
        """As the display value tells it, newest first."""
        notes = [
            f"2026-11-22 08:00:00 - Copilot Bot ({journal})\n{entry['value']}\n\n"
            for entry in self.tables["sys_journal_field"].values()
            if (entry["element_id"], entry["element"]) == (sys_id, journal)
        ]
        return "".join(reversed(notes))

    def _set(self, table: str, row: Row, values: Row) -> HttpReply | None:
        known = {element for _, element in _COLUMNS}
        after = row | {name: value for name, value in values.items() if name in known}
        missing = [] if after.get("short_description") else ["Short description"]
        if after["state"] in ("6", "7"):
            missing += [] if after.get("close_code") else ["Resolution code"]
            missing += [] if after.get("close_notes") else ["Resolution notes"]
        if missing:
            names = ", ".join(missing)
            detail = f"Data Policy Exception: The following fields are mandatory: {names}"
            return _error(403, "Operation Failed", detail)
        for journal in _JOURNALS:
            note = after.pop(journal, "")
            if note:
                entry = uuid.uuid4().hex
                self.tables["sys_journal_field"][entry] = {
                    "sys_id": entry,
                    "name": table,
                    "element_id": row["sys_id"],
                    "element": journal,
                    "value": note,
                }
        after = {name: "" if value is None else str(value) for name, value in after.items()}
        after["short_description"] = after["short_description"][:160]  # a varchar(160)
        after["active"] = "false" if after["state"] in ("7", "8") else "true"
        row.clear()
        row.update(after)
        return None


def _error(status: int, message: str, detail: str) -> HttpReply:
    return HttpReply(status, {"error": {"message": message, "detail": detail}, "status": "failure"})


def selected(rows: list[Row], query: str) -> list[Row]:
    """Rows that an encoded query finds: ``^`` joins, ``^OR`` and ``^NQ`` widen, ``^^`` is a ^."""
    found: dict[str, Row] = {}
    mark = "\x00"
    for group in query.replace("^^", mark).split("^NQ"):
        matching = rows
        for term in re.split(r"\^(?!OR(?!DER))", group):
            if term.startswith("ORDERBY") or not term:
                continue
            either = [one.replace(mark, "^") for one in re.split(r"\^OR(?!DER)", term)]
            matching = [row for row in matching if any(_meets(row, one) for one in either)]
        found |= {row["sys_id"]: row for row in matching}
    return list(found.values())


def _meets(row: Row, condition: str) -> bool:
    match = _CONDITION.fullmatch(condition)
    if match is None or match[1] not in row:
        return True  # an invalid part of a query is ignored
    value, operator, wanted = row[match[1]], match[2], match[3]
    value = value["value"] if isinstance(value, dict) else value
    if wanted.startswith("javascript:"):
        wanted = USER_ID if wanted == "javascript:gs.getUserID()" else "(evaluated)"
    return {
        "=": value == wanted,
        "!=": value != wanted,
        "LIKE": wanted.lower() in value.lower(),
        "STARTSWITH": value.lower().startswith(wanted.lower()),
        "IN": value in wanted.split(","),
        "ISNOTEMPTY": value != "",
        "ISEMPTY": value == "",
    }[operator]
