"""A ticket system over HTTP that is as unsure as real ones, and a sink that writes to it.

It knows nothing of idempotency: each POST that it takes is a ticket. By chance it is busy, slow, or
hangs up, before it took the ticket or after; its search shows a new ticket a while later.
"""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote, urlsplit

from copilot.errors import NotFoundError, SinkUnavailableError, SinkUnknownError
from copilot.extracted import Json
from copilot.proposals import Receipt, SinkCall, SinkEntry, SinkField, SinkWrite

LAG_S = 0.1  # until the search shows a ticket
SLOWEST_S = 0.06
SETTLES_S = 0.5


@dataclass
class Tracker:
    """Tickets by number: when each was taken, its key and its title."""

    chance: random.Random
    trouble: float = 0.4
    tickets: list[tuple[float, str, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    url: str = ""
    hung_up: int = 0

    def titles(self) -> Counter[str]:
        with self.lock:
            return Counter(title for _, _, title in self.tickets)

    def take(self, key: str, title: str) -> int:
        with self.lock:
            self.tickets.append((time.monotonic(), key, title))
            return len(self.tickets)

    def search(self, key: str) -> list[dict[str, str]]:
        with self.lock:
            return [
                {"id": str(number), "title": title}
                for number, (at, its, title) in enumerate(self.tickets, start=1)
                if its == key and time.monotonic() - at > LAG_S
            ]

    def mood(self) -> str:
        with self.lock:
            if self.chance.random() > self.trouble:
                return "fine"
            return self.chance.choice(["busy", "lost", "lost", "taken", "taken", "taken"])

    def pause(self) -> float:
        with self.lock:
            return self.chance.uniform(0, SLOWEST_S)


@contextmanager
def tracker(seed: int, *, trouble: float = 0.4) -> Iterator[Tracker]:
    """One that serves until the block ends."""
    held = Tracker(random.Random(seed), trouble)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            key = urlsplit(self.path).query.partition("=")[2]
            self._answer(200, held.search(key))

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            mood = held.mood()
            if mood == "busy":
                self._answer(503, {})
                return
            time.sleep(held.pause())
            number = held.take(body["key"], body["title"]) if mood != "lost" else 0
            if mood != "fine":
                held.hung_up += 1
                self.close_connection = True
                self.connection.close()
                return
            self._answer(201, {"id": str(number)})

        def _answer(self, status: int, body: Any) -> None:
            data = json.dumps(body).encode()
            try:
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
            except OSError:
                self.close_connection = True  # whoever asked was killed

        def handle(self) -> None:
            try:
                super().handle()
            except (OSError, ValueError):  # a hang-up leaves a closed file to flush
                return

        def finish(self) -> None:
            try:
                super().finish()
            except (OSError, ValueError):
                return

        def log_message(self, *given: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    held.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield held
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def post(url: str, key: str, title: str) -> str:
    """The number of the new ticket. OSError or HTTPException when no answer came."""
    status, body = _request(url, "POST", "/tickets", {"key": key, "title": title})
    if status != 201:
        raise BusyError
    return str(body["id"])


class BusyError(Exception):
    """It didn't take the ticket."""


def _request(url: str, method: str, path: str, body: object = None) -> tuple[int, Any]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=5)
    try:
        connection.request(method, path, None if body is None else json.dumps(body))
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


@dataclass(frozen=True)
class TrackerSink:
    """A ``Sink`` for the tracker at ``url``. Its writes look for nothing before they write."""

    url: str
    name: str = "tracker"
    settles_s: float = SETTLES_S

    @property
    def target(self) -> str:
        return self.url

    def kind_for(self, schema: str) -> str | None:
        return "ticket"

    def default_fields(self, schema: str) -> Mapping[str, str]:
        return {"title": "title"}

    def fields(self, kind: str) -> tuple[SinkField, ...]:
        return (SinkField("title"),)

    def undo_of(self, write: SinkWrite, receipt: Receipt) -> SinkWrite | None:
        return None

    def preview(self, write: SinkWrite) -> tuple[SinkCall, ...]:
        return (SinkCall("POST", f"{self.url}/tickets"),)

    def check(self) -> str:
        return "anybody"

    def find(self, kind: str, key: str) -> SinkEntry | None:
        try:
            _, found = _request(self.url, "GET", f"/tickets?key={quote(key)}")
        except (OSError, http.client.HTTPException) as error:
            raise SinkUnavailableError("the tracker is down") from error
        return SinkEntry(kind, found[0]["id"], {}) if found else None

    def read(self, kind: str, external_id: str) -> SinkEntry:
        raise NotFoundError(external_id)

    def similar(self, kind: str, values: Mapping[str, Json], *, limit: int) -> list[SinkEntry]:
        return []

    def write(self, write: SinkWrite) -> Receipt:
        try:
            return Receipt(post(self.url, write.key, str(write.values["title"])))
        except BusyError as error:
            raise SinkUnavailableError("the tracker is busy", retry_after=0.05) from error
        except ConnectionRefusedError as error:
            raise SinkUnavailableError("the tracker is down") from error
        except (OSError, http.client.HTTPException) as error:
            raise SinkUnknownError("the tracker hung up") from error
