"""A receiver of signed webhooks (Standard Webhooks), which takes each id once.

Invariant: an event whose signature or time isn't right is refused and changes nothing.
"""

from __future__ import annotations

import hmac
import time
from base64 import b64decode, b64encode
from hashlib import sha256
from typing import Any

from copilot.testing.http_server import HttpReply, HttpRequest, HttpServer
from tests.products.asked import parts

TOLERANCE_S = 300
SEVERITIES = ("critical", "high", "normal", "low")

Row = dict[str, Any]


def signature(identifier: str, timestamp: str, body: bytes, *, secret: str) -> str:
    """As https://www.standardwebhooks.com says; a secret without its prefix is taken as it is."""
    plain = secret.removeprefix("whsec_")
    key = plain.encode() if plain == secret else b64decode(plain)
    signed = f"{identifier}.{timestamp}.".encode() + body
    return "v1," + b64encode(hmac.new(key, signed, sha256).digest()).decode()


class WebhookServer(HttpServer):
    """What it made of events stands in ``records`` and ``comments``, by its own ids."""

    def __init__(self, secret: str, *, quiet: bool = False) -> None:
        super().__init__()
        self._secret = secret
        self.quiet = quiet  # answers ``ok`` to an event, and nothing more
        self.records: dict[str, Row] = {}
        self.comments: dict[str, Row] = {}
        self._made = 0

    def answer(self, request: HttpRequest) -> HttpReply:
        if not self._genuine(request):
            return HttpReply(401, {"error": "the signature is wrong"})
        match (request.method, *parts(request)):
            case ("POST", "hook"):
                return self._take(request.headers["webhook-id"], request.body)
            case ("GET", "status", key):
                row = self._known(key)
                return HttpReply(200, row) if row else HttpReply(404, {"error": "unknown"})
        return HttpReply(404, {"error": "nothing is here"})

    def _genuine(self, request: HttpRequest) -> bool:
        identifier = request.headers.get("webhook-id", "")
        timestamp = request.headers.get("webhook-timestamp", "")
        if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > TOLERANCE_S:
            return False
        right = signature(identifier, timestamp, request.raw, secret=self._secret)
        return right in request.headers.get("webhook-signature", "").split()

    def _known(self, key: str) -> Row | None:
        """By our id or by the id of the event that made it."""
        rows = {**self.records, **self.comments}
        return next((row for id_, row in rows.items() if key in (id_, row["key"])), None)

    def _take(self, identifier: str, event: Row) -> HttpReply:
        if event["type"] == "ping":
            return self._said({})
        data = event["data"]
        values = data["values"]
        if values.get("severity") not in (None, *SEVERITIES):
            fields = {"severity": f"must be one of {', '.join(SEVERITIES)}"}
            return HttpReply(422, {"error": {"message": "invalid", "fields": fields}})
        known = self._known(data["id"]) if data["id"] else self._known(identifier)
        match event["type"]:
            case "record.created":
                row = known or self.add(identifier, values)
            case "record.commented":
                row = self._known(identifier) or self._row("C", identifier, values, self.comments)
            case "record.undone":
                for rows in (self.records, self.comments):
                    rows.pop(data["id"], None)
                return HttpReply(204 if known else 404)
            case kind:
                if known is None:
                    return HttpReply(404, {"error": "unknown"})
                known["values"] |= values
                known["open"] = known["open"] and kind != "record.closed"
                row = known
        return self._said(row)

    def add(self, key: str, values: Row) -> Row:
        """A record that the event ``key`` makes."""
        return self._row("T", key, values, self.records)

    def _row(self, letter: str, key: str, values: Row, rows: dict[str, Row]) -> Row:
        self._made += 1
        id_ = f"{letter}-{self._made}"
        rows[id_] = {"id": id_, "key": key, "url": f"https://tickets.example/{id_}", "open": True}
        rows[id_]["values"] = dict(values)
        return rows[id_]

    def _said(self, row: Row) -> HttpReply:
        if self.quiet:
            return HttpReply(200, b"ok", {"Content-Type": "text/plain"})
        return HttpReply(200, {name: row[name] for name in ("id", "url") if name in row})
