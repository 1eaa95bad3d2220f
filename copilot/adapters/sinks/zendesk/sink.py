"""Zendesk as a sink of tickets.

``external_id`` holds the idempotency key, by which a ticket is found for good; the header
``Idempotency-Key`` has Zendesk itself take a creation once within two hours. Invariant: what
Zendesk mails to a requester is theirs only where ``options.public`` says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import quote

from copilot.adapters.sinks.answers import before, item, items, row_of, rows_of, stated, text
from copilot.adapters.sinks.calling import Caller, Params
from copilot.adapters.sinks.lengths import Room, cut, fitted, in_bytes
from copilot.adapters.sinks.likeness import likeliest
from copilot.adapters.sinks.options import (
    flag_option,
    needed,
    number_option,
    only_options,
    text_option,
)
from copilot.adapters.sinks.undoing import chosen_undoing, undoing
from copilot.adapters.sinks.zendesk.speech import manners
from copilot.adapters.sinks.zendesk.tickets import Row, body_of, described, inert, values_of
from copilot.config.records import SinkSettings
from copilot.errors import NotFoundError, SinkAuthError
from copilot.extracted import Json
from copilot.proposals import Receipt, SinkCall, SinkEntry, SinkField, SinkWrite
from copilot.titles import telling

_KIND = "ticket"
_ISSUES = ("ticket", "incident", "feature_request")
_OPTIONS = ("close_status", "public", "scope", "settles_s", "undo")
_DONE = ("solved", "closed", "deleted")
_MOST_TEXT = 60_000  # bytes, of 65,535
_PAGE = 100
_MARK = "copilot_key"
# A request that we gave up on may still write; only creations carry a key that Zendesk compares.
_SETTLES_S = 60
_USERS: Params = {"include": "users"}
_PRIORITY = {
    "ticket": {"critical": "urgent"},
    "incident": {"SEV1": "urgent", "SEV2": "high", "SEV3": "normal"},
    "feature_request": {"must": "high", "should": "normal", "nice_to_have": "low"},
}


def build(
    name: str, settings: SinkSettings, *, key_for: Callable[[str], str | None]
) -> ZendeskSink:
    """The sink of these settings; calls nothing. ConfigError."""
    caller = Caller(
        name,
        needed(settings, "url", sink=name),
        manners=manners(name, settings, key_for=key_for),
        key=settings.key,
        key_for=key_for,
        timeout_s=settings.timeout_s,
    )
    return ZendeskSink(name, settings, caller)


class ZendeskSink:
    """Tickets. A comment is an internal note; neither it nor a description can be changed."""

    def __init__(self, name: str, settings: SinkSettings, caller: Caller) -> None:
        only_options(settings, *_OPTIONS, sink=name)
        self._name = name
        self._schemas = (*_ISSUES, *settings.fields)
        self._caller = caller
        self._url = settings.url.rstrip("/")
        self._public = flag_option(settings, "public", sink=name)
        self._closed = text_option(settings, "close_status", sink=name, default="solved")
        self._settles_s = number_option(settings, "settles_s", sink=name, default=_SETTLES_S)
        self._undo = chosen_undoing(settings, sink=name, default="close")

    @property
    def name(self) -> str:
        return self._name

    @property
    def target(self) -> str:
        return f"zendesk:{self._url}"

    @property
    def settles_s(self) -> float:
        return float(self._settles_s)

    def kind_for(self, schema: str) -> str | None:
        return _KIND if schema in self._schemas else None

    def default_fields(self, schema: str) -> Mapping[str, str]:
        if schema not in _ISSUES:
            return {}
        fields = {"subject": "title", "description": "@text"}
        if schema == "incident":
            return fields | {"priority": "severity"}
        who = {"requester_name": "requester_name", "requester_email": "requester_email"}
        return fields | who | {"priority": "severity" if schema == "ticket" else "priority"}

    def default_values(self, schema: str) -> Mapping[str, Mapping[str, str]]:
        return {"priority": _PRIORITY[schema]} if schema in _PRIORITY else {}

    def fields(self, kind: str) -> tuple[SinkField, ...]:
        return described(self._all("/api/v2/ticket_fields.json", "ticket_fields"))

    def undo_of(self, write: SinkWrite, receipt: Receipt) -> SinkWrite | None:
        return undoing(write, receipt, creation=self._undo, comments=False)

    def preview(self, write: SinkWrite) -> tuple[SinkCall, ...]:
        method, path, body = self._request(_fitted(write))
        return (self._caller.shown(method, path, body),)

    def check(self) -> str:
        user = item(self._caller.get("/api/v2/users/me.json").body, "user")
        role = text(user, "role")
        if not text(user, "id") or role == "end-user":
            raise SinkAuthError(
                f"{self._name} takes us for {'an end user' if role else 'nobody'}",
                hint=f"actions.sinks.{self._name}.user names an OAuth client, and key its secret; "
                "or an agent's address, and an API token",
            )
        return f"{text(user, 'name')} ({text(user, 'email')}, {role})"

    def find(self, kind: str, key: str) -> SinkEntry | None:
        params = {"external_id": key, "include": "users"}
        for row in self._all("/api/v2/tickets.json", "tickets", params):
            if text(row, "external_id") == key:
                return self._entry(row)
        return None

    def read(self, kind: str, external_id: str) -> SinkEntry:
        try:
            answer = self._caller.get(_path(external_id), _USERS)
        except NotFoundError as error:
            raise NotFoundError(
                f"{self._name} has no ticket {external_id}", hint=error.hint
            ) from error
        ticket = row_of(answer, "ticket", sink=self._name, known_by="id")
        return self._entry(ticket, items(answer.body, "users"))

    def similar(self, kind: str, values: Mapping[str, Json], *, limit: int) -> list[SinkEntry]:
        title = str(values.get("subject") or "")
        found = telling(title)
        if not found or limit < 1:
            return []
        near = " ".join(f"subject:{word}" for word in found)  # of one keyword, any will do
        query: Params = {"query": f"type:ticket status<solved {near}", "per_page": _PAGE}
        answer = self._caller.get("/api/v2/search.json", query)
        entries = [self._entry(row) for row in rows_of(answer, "results", sink=self._name)]
        return likeliest(entries, title, limit=limit)

    def write(self, write: SinkWrite) -> Receipt:
        write = _fitted(write)
        method, path, body = self._request(write)
        where = self._shown_at(write.external_id)
        match write.operation:
            case "create":
                held = self.find(write.kind, write.key)
                if held is not None:
                    return Receipt(held.external_id, held.url, replayed=True)
                once = {"Idempotency-Key": write.key}
                answer = self._caller.send(method, path, body, headers=once)
                number = stated(answer, "ticket", "id", sink=self._name)
                replayed = answer.headers.get("x-idempotency-lookup") == "hit"
                return Receipt(number, self._shown_at(number), replayed=replayed)
            case "comment":
                comment = f"{write.external_id}/{write.key}"
                if self._commented(write):
                    return Receipt(comment, where, replayed=True)
                self._caller.send(method, path, body)
                return Receipt(comment, where)
            case "delete":
                gone = self._caller.send(method, path, accept=(404,)).status == 404
                return Receipt(write.external_id, replayed=gone)
            case _:
                wanted = dict(write.values)
                if write.operation == "close":
                    wanted = {"status": self._closed}
                wanted.pop("description", None)
                was = before(wanted, self.read(write.kind, write.external_id).values)
                if write.values.get("description") and self._commented(write):
                    _, _, body = self._request(replace(write, values=wanted))
                self._caller.send(method, path, body)
                return Receipt(write.external_id, where, was)

    def _request(self, write: SinkWrite) -> tuple[str, str, Json]:
        """Method, path and body of what ``write`` comes to."""
        path = _path(write.external_id)
        match write.operation:
            case "create":
                ticket = body_of(write.values)
                ticket["external_id"] = write.key
                ticket["comment"] = self._note(write.values.get("description"))
                return "POST", "/api/v2/tickets.json", {"ticket": ticket}
            case "comment":
                note = self._note(write.values.get("comment"))
                marked: Json = {"comment": note, "metadata": {_MARK: write.key}}
                return "PUT", path, {"ticket": marked}
            case "close":
                return "PUT", path, {"ticket": {"status": self._closed}}
            case "delete":
                return "DELETE", path, None
            case _:
                ticket = body_of(write.values)
                if ticket.get("status") == "new":  # to which no way leads back
                    ticket["status"] = "open"
                if write.values.get("description"):  # a ticket's first one stays as it is
                    ticket["comment"] = self._note(write.values["description"])
                    ticket["metadata"] = {_MARK: write.key}
                return "PUT", path, {"ticket": ticket}

    def _note(self, body: Json) -> Json:
        return {"body": inert(str(body or "")), "public": self._public}

    def _commented(self, write: SinkWrite) -> bool:
        """Whether the ticket has a comment with this key already, by its audits."""
        path = f"/api/v2/tickets/{quote(write.external_id, safe='')}/audits.json"
        audits = self._all(path, "audits")
        return any(text(one, "metadata", "custom", _MARK) == write.key for one in audits)

    def _all(self, path: str, name: str, params: Params | None = None) -> list[Row]:
        """All of a list, by cursor."""
        found: list[Row] = []
        cursor = ""
        while True:
            page = {**(params or {}), "page[size]": _PAGE}
            if cursor:
                page["page[after]"] = cursor
            answer = self._caller.get(path, page)
            users = items(answer.body, "users")
            rows = rows_of(answer, name, sink=self._name)
            found += [{**row, "users": users} if users else row for row in rows]
            after = text(answer.body, "meta", "after_cursor")
            if item(answer.body, "meta", "has_more") is not True or after in ("", cursor):
                return found
            cursor = after

    def _entry(self, ticket: Row, users: list[Row] | None = None) -> SinkEntry:
        number = text(ticket, "id")
        return SinkEntry(
            _KIND,
            number,
            values_of(ticket, items(ticket, "users") if users is None else users),
            self._shown_at(number),
            text(ticket, "subject"),
            open=text(ticket, "status") not in _DONE,
        )

    def _shown_at(self, number: str) -> str:
        return f"{self._url}/agent/tickets/{number}"


def _size(said: str) -> int:
    return in_bytes(inert(said))


_ROOM = Room("subject", "description", 255, _MOST_TEXT, text_size=_size)


def _fitted(write: SinkWrite) -> SinkWrite:
    if write.operation == "comment":
        said = cut(str(write.values.get("comment") or ""), _MOST_TEXT, size=_size)
        return replace(write, values={"comment": said})
    return replace(write, values=fitted(write.values, _ROOM, new=write.operation == "create"))


def _path(external_id: str) -> str:
    return f"/api/v2/tickets/{quote(external_id, safe='')}.json"
