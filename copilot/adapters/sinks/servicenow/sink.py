"""ServiceNow as a sink: one table of tasks, incidents unless told otherwise.

``correlation_id`` holds the idempotency key. ServiceNow doesn't keep it unique and ignores fields
that a table hasn't, so that an entry found by it is compared once more. Invariant: a creation is
sent only after the key was looked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from copilot.adapters.sinks.answers import as_text, before, item, row_of, rows_of, stated, text
from copilot.adapters.sinks.calling import Caller, Params
from copilot.adapters.sinks.lengths import Room, fitted
from copilot.adapters.sinks.likeness import likeliest
from copilot.adapters.sinks.options import needed, number_option, only_options, text_option
from copilot.adapters.sinks.servicenow.metadata import Row, described
from copilot.adapters.sinks.servicenow.speech import (
    complaint,
    journalled,
    manners,
    next_offset,
    quoted,
)
from copilot.adapters.sinks.undoing import chosen_undoing, undoing
from copilot.config.records import SinkSettings
from copilot.errors import ConfigError, NotFoundError, SinkRequestError, SinkUnavailableError
from copilot.extracted import Json
from copilot.proposals import Receipt, SinkCall, SinkEntry, SinkField, SinkWrite
from copilot.titles import telling

_ISSUES = ("ticket", "incident", "feature_request")
_OPTIONS = ("table", "close_state", "close_code", "journal", "language", "settles_s", "undo")
_KEY = "correlation_id"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d\S{0,20}")
# Of a longer short description it drops the rest without a word.
_ROOM = Room("short_description", "description", 160)
_PAGE = 500
_NEAR = 50
# ServiceNow cancels a request after 60 s, and until then one that we gave up on may still write.
_SETTLES_S = 60
_URGENCY = {"critical": "1", "high": "1", "normal": "2", "low": "3"}
_SEVERITY = {"SEV1": "1", "SEV2": "2", "SEV3": "3"}


@dataclass(frozen=True, slots=True)
class _Table:
    """How a table's rows end: which states are done, and what a row needs to get there."""

    done: tuple[str, ...]
    closed: str
    code_field: str = ""
    code: str = ""


_TABLES = {
    "incident": _Table(("6", "7", "8"), "6", "close_code", "Solution provided"),
    "sn_customerservice_case": _Table(("6", "3", "7"), "3", "resolution_code"),
}
_ANY_TASK = _Table(("3", "4", "7"), "3")


def build(
    name: str, settings: SinkSettings, *, key_for: Callable[[str], str | None]
) -> ServiceNowSink:
    """The sink of these settings; calls nothing. ConfigError."""
    caller = Caller(
        name,
        needed(settings, "url", sink=name),
        manners=manners(settings.user),
        key=settings.key,
        key_for=key_for,
        timeout_s=settings.timeout_s,
    )
    return ServiceNowSink(name, settings, caller)


class ServiceNowSink:
    """Rows of the table ``options.table``; ``options.journal`` is where comments go."""

    def __init__(self, name: str, settings: SinkSettings, caller: Caller) -> None:
        only_options(settings, *_OPTIONS, sink=name)
        self._name = name
        self._schemas = (*_ISSUES, *settings.fields)
        self._caller = caller
        self._url = settings.url.rstrip("/")
        self._table = text_option(settings, "table", sink=name, default="incident")
        if not self._table.replace("_", "").isalnum():
            raise ConfigError(f"actions.sinks.{name}.options.table is no name of a table")
        ways = _TABLES.get(self._table, _ANY_TASK)
        self._closed = text_option(settings, "close_state", sink=name, default=ways.closed)
        self._done = {*ways.done, self._closed}
        code = text_option(settings, "close_code", sink=name, default=ways.code)
        self._close_code = {ways.code_field: code} if ways.code_field and code else {}
        self._journal = text_option(settings, "journal", sink=name, default="work_notes")
        self._language = text_option(settings, "language", sink=name, default="en")
        self._settles_s = number_option(settings, "settles_s", sink=name, default=_SETTLES_S)
        self._undo = chosen_undoing(settings, sink=name, default="close")

    @property
    def name(self) -> str:
        return self._name

    @property
    def target(self) -> str:
        return f"servicenow:{self._url}/{self._table}"

    @property
    def settles_s(self) -> float:
        return float(self._settles_s)

    def kind_for(self, schema: str) -> str | None:
        return self._table if schema in self._schemas else None

    def default_fields(self, schema: str) -> Mapping[str, str]:
        if schema not in _ISSUES:
            return {}
        fields = {"short_description": "title", "description": "@text"}
        return fields if schema == "feature_request" else fields | {"urgency": "severity"}

    def default_values(self, schema: str) -> Mapping[str, Mapping[str, str]]:
        said = {"ticket": _URGENCY, "incident": _SEVERITY}.get(schema)
        return {} if said is None else {"urgency": said}

    def fields(self, kind: str) -> tuple[SinkField, ...]:
        known = described(kind, self._rows, sink=self._name, language=self._language)
        if not any(one.name == _KEY and one.writable for one in known):
            raise self._without_key()
        return known

    def undo_of(self, write: SinkWrite, receipt: Receipt) -> SinkWrite | None:
        return undoing(write, receipt, creation=self._undo, comments=False)

    def preview(self, write: SinkWrite) -> tuple[SinkCall, ...]:
        method, path, body = self._request(write)
        return (self._caller.shown(method, path, body),)

    def check(self) -> str:
        who = self._rows("sys_user", "sys_id=javascript:gs.getUserID()", "user_name,name")
        self._caller.get(self._path(), {"sysparm_limit": 1, "sysparm_fields": "sys_id"})
        if not who:
            return "a user whose own record it doesn't show"
        return f"{text(who[0], 'name')} ({text(who[0], 'user_name')})"

    def find(self, kind: str, key: str) -> SinkEntry | None:
        query = _asked(f"{_KEY}={quoted(key)}^ORDERBYsys_created_on", limit=_NEAR)
        rows = self._listed(self._path(), query)[0]
        if any(text(row, _KEY).lower() != key.lower() for row in rows):
            raise self._without_key()  # the condition was ignored
        return next((self._entry(row) for row in rows if text(row, _KEY) == key), None)

    def read(self, kind: str, external_id: str) -> SinkEntry:
        return self._entry(self._row(external_id))

    def similar(self, kind: str, values: Mapping[str, Json], *, limit: int) -> list[SinkEntry]:
        title = str(values.get("short_description") or "")
        found = telling(title)
        if not found or limit < 1:
            return []
        near = "^OR".join(f"short_descriptionLIKE{quoted(word)}" for word in found)
        query = f"active=true^{near}^ORDERBYDESCsys_created_on"
        rows, _ = self._listed(self._path(), _asked(query, limit=_NEAR))
        entries = [self._entry(row) for row in rows]
        return likeliest(entries, title, limit=limit)

    def write(self, write: SinkWrite) -> Receipt:
        method, path, body = self._request(write)
        match write.operation:
            case "create":
                held = self.find(write.kind, write.key)
                if held is not None:
                    return Receipt(held.external_id, held.url, replayed=True)
                answer = self._caller.send(method, path, body)
                number = stated(answer, "result", "sys_id", sink=self._name)
                return Receipt(number, self._shown_at(number))
            case "comment":
                comment = f"{write.external_id}/{write.key}"
                if _mark(write.key) in self._notes(write.external_id):
                    return Receipt(comment, self._shown_at(write.external_id), replayed=True)
                self._caller.send(method, path, body)
                return Receipt(comment, self._shown_at(write.external_id))
            case "delete":
                gone = self._caller.send(method, path, accept=(404,)).status == 404
                return Receipt(write.external_id, replayed=gone)
            case _:
                was = before(body, self._row(write.external_id))
                self._caller.send(method, path, body)
                return Receipt(write.external_id, self._shown_at(write.external_id), was)

    def _request(self, write: SinkWrite) -> tuple[str, str, Mapping[str, Json]]:
        """Method, path and body of what ``write`` comes to."""
        path = self._path(write.external_id)
        match write.operation:
            case "create":
                ours: dict[str, Json] = {_KEY: write.key, "correlation_display": "copilot"}
                return "POST", self._path(), {**_told(write.values, new=True), **ours}
            case "comment":
                said = journalled(str(write.values.get("comment") or ""), mark=_mark(write.key))
                return "PATCH", path, {self._journal: said}
            case "close":
                note = {"close_notes": "Withdrawn with copilot."}
                return "PATCH", path, {"state": self._closed, **self._close_code, **note}
            case "delete":
                return "DELETE", path, {}
            case _:
                values = {name: to for name, to in write.values.items() if name != _KEY}
                return "PATCH", path, _told(values)

    def _row(self, external_id: str) -> Row:
        try:
            answer = self._caller.get(self._path(external_id), _PLAIN)
        except NotFoundError as error:
            raise NotFoundError(
                f"{self._name} has no {self._table} {external_id}", hint=error.hint
            ) from error
        return row_of(answer, "result", sink=self._name, known_by="sys_id")

    def _notes(self, external_id: str) -> str:
        """All that stands in the journal; only the display value holds it."""
        wanted: Params = {
            "sysparm_display_value": "true",
            "sysparm_fields": f"sys_id,{self._journal}",
        }
        answer = self._caller.get(self._path(external_id), wanted)
        return text(row_of(answer, "result", sink=self._name, known_by="sys_id"), self._journal)

    def _rows(self, table: str, query: str, fields: str = "") -> list[Row]:
        """All rows that the query finds, page by page."""
        found: list[Row] = []
        offset: int | None = 0
        while offset is not None:
            params = {**_asked(query, limit=_PAGE), "sysparm_offset": offset}
            if fields:
                params["sysparm_fields"] = fields
            rows, after = self._listed(f"/api/now/table/{table}", params)
            found += rows
            offset = after if after is not None and after > offset else None
        return found

    def _listed(self, path: str, params: Params) -> tuple[list[Row], int | None]:
        """A page of rows, and where the next one begins.

        ServiceNow begins to answer before it has found all; where it gave up, it says so behind.
        """
        answer = self._caller.get(path, params)
        if item(answer.body, "error") is not None:
            raise SinkUnavailableError(
                f"{self._name} gave up in the middle of its answer: {complaint(answer).message}",
                hint="try again later",
            )
        return rows_of(answer, "result", sink=self._name), next_offset(answer)

    def _entry(self, row: Row) -> SinkEntry:
        number = text(row, "sys_id")
        return SinkEntry(
            self._table,
            number,
            dict(row),
            self._shown_at(number),
            text(row, "short_description"),
            open=text(row, "state") not in self._done,
        )

    def _without_key(self) -> SinkRequestError:
        return SinkRequestError(
            f"{self._name}: the table {self._table} has no {_KEY} that we may read and write",
            hint=f"actions.sinks.{self._name}.options.table is one that extends task, such as "
            "incident",
        )

    def _path(self, external_id: str = "") -> str:
        path = f"/api/now/table/{self._table}"
        return f"{path}/{quote(external_id, safe='')}" if external_id else path

    def _shown_at(self, number: str) -> str:
        return f"{self._url}/{self._table}.do?sys_id={number}"


_PLAIN: Params = {"sysparm_exclude_reference_link": "true"}


def _asked(query: str, *, limit: int) -> dict[str, str | int]:
    return {**_PLAIN, "sysparm_query": query, "sysparm_limit": limit}


def _told(values: Mapping[str, Json], *, new: bool = False) -> dict[str, Json]:
    """As texts: nothing is an empty one, and a moment is in UTC without its T and zone."""
    told = {name: _moment(as_text(to, between=", ")) for name, to in values.items()}
    return fitted(told, _ROOM, new=new)


def _moment(said: str) -> str:
    if not _MOMENT.fullmatch(said):
        return said
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        return said
    told = moment.astimezone(UTC) if moment.tzinfo else moment
    return told.strftime("%Y-%m-%d %H:%M:%S")


def _mark(key: str) -> str:
    return f"[copilot:{key}]"
