"""Zendesk's Ticketing API, as its documentation tells: idempotency keys, cursors, 422 by field.

A comment is Markdown with placeholders, since an agent makes it; no stranger's text must be.
Invariant: a request with a known Idempotency-Key is answered as the first was, and one with another
body under the same key is refused.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from copilot.testing.http_server import HttpReply, HttpRequest, HttpServer
from tests.products.asked import basic, parts

USER = "bot@acme.example"
CLIENT = "copilot_intake"
CUSTOM = 360001

Row = dict[str, Any]

_RENDERED = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|!?\[[^\]]*\][(\[][^)\]]*[)\]]", re.DOTALL)
_STATUSES = ("new", "open", "pending", "hold", "solved", "closed")
_PRIORITIES = ("low", "normal", "high", "urgent")
_TYPES = ("problem", "incident", "question", "task")


def _field(number: int, kind: str, title: str, *options: str, **more: object) -> Row:
    choices = [{"name": name.title(), "value": name} for name in options]
    row = {"id": number, "type": kind, "title": title, "active": True, "required": False}
    custom = number == CUSTOM
    return row | {("custom" if custom else "system") + "_field_options": choices} | more


_FIELDS = [
    _field(1, "subject", "Subject"),
    _field(2, "description", "Description"),
    _field(3, "status", "Status", "open", "pending", "solved"),
    _field(4, "tickettype", "Type", *_TYPES),
    _field(5, "priority", "Priority", *_PRIORITIES),
    _field(6, "group", "Group"),
    _field(7, "assignee", "Assignee"),
    _field(8, "text", "Retired", active=False),
    _field(CUSTOM, "tagger", "Product", "acme_cloud", "acme_desk", removable=True),
]


class ZendeskServer(HttpServer):
    """Tickets stand in ``tickets``, by id; ``audits`` by ticket; ``rendered``: what texts did."""

    def __init__(self, secret: str, *, page: int = 100) -> None:
        super().__init__()
        self._secret = secret
        self._proofs = {basic(f"{USER}/token", secret)}
        self.page = page
        self.tickets: dict[int, Row] = {}
        self.audits: dict[int, list[Row]] = {}
        self.rendered: list[str] = []
        self.users: dict[str, Row] = {}
        self._answered: dict[str, tuple[bytes, HttpReply]] = {}

    def answer(self, request: HttpRequest) -> HttpReply:
        if request.path == "/oauth/tokens":
            return self._token(request)
        if request.headers.get("authorization") not in self._proofs:
            return HttpReply(401, {"error": "Couldn't authenticate you"})
        path = tuple(part.removesuffix(".json") for part in parts(request))
        match (request.method, *path):
            case ("GET", "api", "v2", "users", "me"):
                return HttpReply(
                    200, {"user": {"id": 7, "name": "Bot", "email": USER, "role": "agent"}}
                )
            case ("GET", "api", "v2", "ticket_fields"):
                return self._page("ticket_fields", _FIELDS, request)
            case ("GET", "api", "v2", "tickets"):
                wanted = request.query.get("external_id")
                rows = [t for t in self.tickets.values() if t["external_id"] == wanted]
                told = self._page("tickets", rows, request)
                return replace(told, body={**told.body, **self._beside(request)})
            case ("POST", "api", "v2", "tickets"):
                return self._once(request)
            case ("GET", "api", "v2", "search"):
                return self._search(request)
            case (_, "api", "v2", "tickets", number, *rest) if number.isdigit():
                return self._one(int(number), rest, request)
        return HttpReply(404, {"error": "InvalidEndpoint", "description": "Not found"})

    def writes(self, request: HttpRequest) -> bool:
        return super().writes(request) and request.path != "/oauth/tokens"

    def _token(self, request: HttpRequest) -> HttpReply:
        """Of a confidential client, by the client credentials grant."""
        form = dict(parse_qsl(request.raw.decode()))
        wanted = {"client_id": CLIENT, "client_secret": self._secret, "scope": "read write"}
        if form != {"grant_type": "client_credentials", **wanted}:
            said = "Client authentication failed due to unknown client, or wrong secret"
            return HttpReply(401, {"error": "invalid_client", "error_description": said})
        token = f"session-{len(self._proofs)}-0123456789"
        self._proofs.add(f"Bearer {token}")
        told = {"access_token": token, "token_type": "bearer", "scope": "read write"}
        return HttpReply(200, told | {"expires_in": 1800})

    def _page(self, name: str, rows: list[Row], request: HttpRequest) -> HttpReply:
        start = int(request.query.get("page[after]", 0))
        size = min(int(request.query.get("page[size]", 100)), self.page)
        more = start + size < len(rows)
        after = f"{self.url}{request.path}?page[size]={size}&page[after]={start + size}"
        if "external_id" in request.query:
            after += f"&external_id={request.query['external_id']}"
        meta = {"has_more": more, "after_cursor": str(start + size) if more else None}
        body = {name: rows[start : start + size], "meta": meta}
        return HttpReply(200, body | {"links": {"next": after if more else None}})

    def _search(self, request: HttpRequest) -> HttpReply:
        """Free words and ``subject:``, any of them; ``status<solved``; ``requester:``."""
        rows = list(self.tickets.values())
        words: list[str] = []
        for term in request.query["query"].split():
            if term == "status<solved":
                rows = [t for t in rows if _STATUSES.index(t["status"]) < 4]
            elif term.startswith("requester:"):
                who = self.users.get(term.removeprefix("requester:"), {})
                rows = [t for t in rows if t["requester_id"] == who.get("id")]
            elif term != "type:ticket":
                words.append(term.removeprefix("subject:").lower())
        rows = [t for t in rows if not words or any(w in t["subject"].lower() for w in words)]
        return HttpReply(200, {"results": rows, "count": len(rows), "next_page": None})

    def _once(self, request: HttpRequest) -> HttpReply:
        key = request.headers.get("idempotency-key", "")
        if key in self._answered:
            body, told = self._answered[key]
            if body != request.raw:
                detail = "Request parameters don't match the given idempotency key"
                return HttpReply(400, {"error": "IdempotentRequestError", "description": detail})
            return HttpReply(told.status, told.body, {"x-idempotency-lookup": "hit"})
        told = self.create(request.body["ticket"])
        if key and told.status == 201:
            self._answered[key] = (request.raw, told)
        return HttpReply(told.status, told.body, {"x-idempotency-lookup": "miss"} if key else {})

    def create(self, given: Row) -> HttpReply:
        number = len(self.tickets) + 101
        row: Row = {"id": number, "status": "new", "priority": None, "type": None, "tags": []}
        row |= {"external_id": None, "subject": "", "requester_id": 7, "custom_fields": []}
        row["url"] = f"{self.url}/api/v2/tickets/{number}.json"
        comment = given.get("comment", {}).get("body", "")
        if not comment:
            return _invalid("base", "Description: cannot be blank", "BlankValue")
        requester = given.get("requester", {})
        if requester and "@" not in requester.get("email", "@"):
            return _invalid("requester", f"Requester: Email: {requester['email']} is not valid")
        self.audits[number] = []
        refused = self._set(row, given)
        if refused is not None:
            return refused
        row["description"] = comment
        self.tickets[number] = row
        return HttpReply(201, {"ticket": row, "audit": {}})

    def _person(self, given: Row) -> Row:
        """The user of this address, who keeps the name that they have."""
        new = {"id": len(self.users) + 501, "role": "end-user", **given}
        return self.users.setdefault(given["email"], new)

    def _beside(self, request: HttpRequest) -> Row:
        """People stand beside tickets where they are asked for."""
        asked = request.query.get("include") == "users"
        return {"users": list(self.users.values())} if asked else {}

    def _one(self, number: int, rest: list[str], request: HttpRequest) -> HttpReply:
        row = self.tickets.get(number)
        if row is None:
            return HttpReply(404, {"error": "RecordNotFound", "description": "Not found"})
        if rest == ["audits"]:
            return self._page("audits", self.audits[number], request)
        if request.method == "DELETE":
            del self.tickets[number]
            return HttpReply(204)
        if request.method == "PUT":
            if row["status"] == "closed":
                return _invalid("status", "Status: closed prevents ticket update")
            refused = self._set(row, request.body["ticket"])
            if refused is not None:
                return refused
        return HttpReply(200, {"ticket": row, **self._beside(request)})

    def _set(self, row: Row, given: Row) -> HttpReply | None:
        allowed = {"status": _STATUSES[:5], "priority": _PRIORITIES, "type": _TYPES}
        for name, choices in allowed.items():
            if given.get(name) is not None and given[name] not in choices:
                return _invalid(name, f"{name.title()}: {given[name]} is not valid")
        if given.get("status") == "new" != row["status"]:
            return _invalid("status", "Status: new is not valid")
        simple = {"subject", "external_id", "tags", "group_id", "assignee_id", *allowed}
        row |= {name: value for name, value in given.items() if name in simple}
        row["subject"] = row["subject"][:255]  # the rest is dropped
        custom = {one["id"]: one["value"] for one in row["custom_fields"]}
        custom |= {one["id"]: one["value"] for one in given.get("custom_fields", [])}
        row["custom_fields"] = [{"id": n, "value": value} for n, value in custom.items()]
        noted = {"metadata": {"custom": given.get("metadata", {}), "system": {}}}
        comment = given.get("comment")
        self.rendered += _RENDERED.findall(comment["body"]) if comment else []
        events = [{"type": "Comment", **comment}] if comment else []
        if given.get("requester"):
            row["requester_id"] = self._person(given["requester"])["id"]
        self.audits[row["id"]].append({"id": len(self.audits) * 1000, "events": events} | noted)
        return None


def _invalid(name: str, description: str, error: str = "InvalidValue") -> HttpReply:
    details = {name: [{"description": description, "error": error}]}
    said = {"error": "RecordInvalid", "description": "Record validation errors"}
    return HttpReply(422, said | {"details": details})
