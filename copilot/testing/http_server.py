"""A real HTTP server on the loopback, for doubles of web APIs that fail when a test says so.

Invariant: every request is kept to be looked at; a failure that was asked for hits the next
request that writes, or the next that reads, once.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """As it arrived. Header names are lower-case; ``body`` is its JSON, None where it has none."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes = b""
    body: Any = None


@dataclass(frozen=True, slots=True)
class HttpReply:
    """``body`` goes out as JSON; bytes go out as they are."""

    status: int = 200
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failure:
    """What happens to a request instead of its answer. Without ``reply`` the server hangs up.

    ``done``: the request takes effect all the same.
    """

    reply: HttpReply | None = None
    done: bool = False


class HttpServer:
    """``with Product() as server:`` then ``server.url`` is its address. Override ``answer``."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures: dict[bool, list[Failure]] = {True: [], False: []}
        self.requests: list[HttpRequest] = []
        self._http = _Listener(("127.0.0.1", 0), self)
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(timeout=5)

    def answer(self, request: HttpRequest) -> HttpReply:
        """What the product answers; called for one request at a time."""
        return HttpReply(404, {"message": f"nothing at {request.path}"})

    def writes(self, request: HttpRequest) -> bool:
        """Whether a request changes something."""
        return request.method not in ("GET", "HEAD")

    def fail_write(self, reply: HttpReply | None = None, *, done: bool = False) -> None:
        """The next write gets this reply, or none at all; ``done``: it takes effect before."""
        self._failures[True].append(Failure(reply, done))

    def fail_read(self, reply: HttpReply | None = None) -> None:
        """The next read gets this reply, or none at all."""
        self._failures[False].append(Failure(reply))

    def take(self, request: HttpRequest) -> HttpReply | None:
        """The reply to this request; None: hang up."""
        with self._lock:
            self.requests.append(request)
            planned = self._failures[self.writes(request)]
            failure = planned.pop(0) if planned else None
            if failure is None:
                return self.answer(request)
            if failure.done:
                self.answer(request)
            return failure.reply


class _Listener(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], owner: HttpServer) -> None:
        super().__init__(address, _Handler)
        self.owner = owner

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is its own business; anything else is shown."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Listener

    def _serve(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        parts = urlsplit(self.path)
        typed = "json" in self.headers.get("Content-Type", "")
        request = HttpRequest(
            self.command,
            parts.path,
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            {name.lower(): value for name, value in self.headers.items()},
            raw,
            json.loads(raw) if raw and typed else None,
        )
        reply = self.server.owner.take(request)
        if reply is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self._send(reply)

    def _send(self, reply: HttpReply) -> None:
        raw = reply.body if isinstance(reply.body, bytes) else b""
        if reply.body is not None and not isinstance(reply.body, bytes):
            raw = json.dumps(reply.body).encode()
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if raw and "Content-Type" not in reply.headers:
            self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing: a test's output is its own."""
