"""A real OpenAI-compatible server on the loopback, scripted reply by reply.

It speaks HTTP/1.1 with chunked server-sent events over a socket, so that a test of a client
meets what a provider does: slow first tokens, refusals, streams that break off. It embeds too;
of a reply to that only the status and whether it counts tokens matter. Invariant: replies are
given in the order of the script, the last one again and again, and every request
is kept to be looked at.
"""

from __future__ import annotations

import base64
import json
import socket
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

from copilot.testing.hash_embedder import HashEmbedder

MODEL = "scripted"
EMBEDDED = 16  # components of an embedding


@dataclass(frozen=True, slots=True)
class Reply:
    """One scripted reply to ``POST /chat/completions``.

    ``pieces`` are the deltas of the text, sent as one where no stream is asked for.
    ``break_after`` counts pieces sent before the stream ends early: ``abort`` cuts the connection
    inside a chunk, ``close`` ends the body as a proxy does, without ``finish_reason`` or
    ``[DONE]``. ``garble_after`` sends a line that isn't JSON.
    ``usage`` is (input, output) tokens; None sends none, whatever the client asked for.
    ``refusal`` stands beside the text, as OpenAI's refusals do, where no stream is asked for.
    ``body`` is sent as it is, as ``content_type``, instead of all that. ``hang_up`` closes the
    connection without a word; ``status_delay_s`` passes before the status line.
    """

    pieces: tuple[str, ...] = ()
    status: int = 200
    error: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    first_delay_s: float = 0.0
    piece_delay_s: float = 0.0
    break_after: int | None = None
    break_how: Literal["abort", "close"] = "abort"
    garble_after: int | None = None
    finish_reason: str = "stop"
    refusal: str | None = None
    usage: tuple[int, int] | None = (11, 7)
    done: bool = True
    body: bytes | None = None
    content_type: str = "application/json"
    hang_up: bool = False
    status_delay_s: float = 0.0


def text(content: str, *, pieces: int = 4) -> Reply:
    """The content, streamed in about so many pieces."""
    size = max(1, -(-len(content) // pieces))
    return Reply(pieces=tuple(content[i : i + size] for i in range(0, len(content), size)))


def rate_limited(retry_after: float | None = None) -> Reply:
    headers = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
    return Reply(status=429, error="Rate limit reached", headers=headers)


def unauthorized() -> Reply:
    return Reply(status=401, error="Incorrect API key provided")


def server_error(status: int = 500) -> Reply:
    return Reply(status=status, error="The server had an error")


def context_too_long() -> Reply:
    return Reply(
        status=400,
        error="This model's maximum context length is 4096 tokens. However, your messages "
        "resulted in 9000 tokens. (context_length_exceeded)",
    )


def redirected(to: str, status: int = 307) -> Reply:
    return Reply(status=status, error="moved", headers={"Location": to})


def raw(body: bytes, content_type: str = "text/event-stream") -> Reply:
    return Reply(body=body, content_type=content_type)


def slow(reply: Reply, first_delay_s: float) -> Reply:
    return replace(reply, first_delay_s=first_delay_s)


def dropped(reply: Reply, after: int, *, how: Literal["abort", "close"] = "abort") -> Reply:
    return replace(reply, break_after=after, break_how=how)


def garbled(reply: Reply, after: int) -> Reply:
    return replace(reply, garble_after=after)


def without_usage(reply: Reply) -> Reply:
    return replace(reply, usage=None)


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it arrived. Header names are lower-case."""

    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]


class OpenAIServer:
    """``with OpenAIServer([text("Hi")]) as server:`` then ``server.url`` is the ``api_base``."""

    def __init__(self, script: Sequence[Reply] = ()) -> None:
        self._lock = threading.Lock()
        self._script = list(script)
        self.requests: list[Received] = []
        self.disconnected = threading.Event()
        self._stopping = threading.Event()
        self._http = _Listener(("127.0.0.1", 0), self)
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    def script(self, *replies: Reply) -> None:
        """Replace what is left of the script, and forget the requests so far."""
        with self._lock:
            self._script = list(replies)
            self.requests.clear()
            self.disconnected.clear()

    def __enter__(self) -> OpenAIServer:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stopping.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(timeout=5)

    def take(self, received: Received) -> Reply:
        """The reply to this request; the last one of the script stays."""
        with self._lock:
            self.requests.append(received)
            if not self._script:
                return text("Nothing was scripted.")
            return self._script.pop(0) if len(self._script) > 1 else self._script[0]

    def pause(self, seconds: float) -> None:
        """Sleep, or return at once when the server stops."""
        if seconds > 0:
            self._stopping.wait(seconds)


def words(texts: Sequence[str]) -> int:
    """What an embedding of these texts is billed as: a token for each word."""
    return sum(len(text.split()) for text in texts)


def _encoded(row: Any, body: Mapping[str, Any]) -> object:
    if body.get("encoding_format") == "base64":
        return base64.b64encode(row.astype("<f4").tobytes()).decode()
    return row.tolist()


def refused_url() -> str:
    """An ``api_base`` on the loopback where nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return f"http://127.0.0.1:{port}/v1"


class _Listener(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], owner: OpenAIServer) -> None:
        super().__init__(address, _Handler)
        self.owner = owner

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is what some tests are about; anything else is shown."""
        if isinstance(sys.exc_info()[1], ConnectionError):
            self.owner.disconnected.set()
        else:
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Listener

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        body = json.loads(self.rfile.read(length) or b"{}")
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.server.owner.take(Received(self.path, headers, body))
        try:
            self.server.owner.pause(reply.status_delay_s)
            if reply.hang_up:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
            elif reply.body is not None:
                self._as_it_is(reply.status, reply.body, reply.content_type, reply.headers)
            elif reply.status != 200:
                self._refuse(reply)
            elif self.path.endswith("/embeddings"):
                self._embed(body, counted=reply.usage is not None)
            elif body.get("stream"):
                self._stream(reply)
            else:
                self._whole(reply)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
            self.server.owner.disconnected.set()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing: a test's output is its own."""

    def _refuse(self, reply: Reply) -> None:
        error = {"message": reply.error, "type": "error", "code": None, "param": None}
        self._json(reply.status, {"error": error}, reply.headers)

    def _json(self, status: int, value: Mapping[str, object], headers: Mapping[str, str]) -> None:
        self._as_it_is(status, json.dumps(value).encode(), "application/json", headers)

    def _as_it_is(
        self, status: int, payload: bytes, content_type: str, headers: Mapping[str, str]
    ) -> None:
        self.send_response(status)
        for name, header in headers.items():
            self.send_header(name, header)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def _embed(self, body: Mapping[str, Any], *, counted: bool) -> None:
        """Rows out of order and not of unit length, as providers may send them."""
        texts: list[str] = body["input"]
        rows = HashEmbedder(EMBEDDED).embed_queries(texts) * 3
        data = [
            {"object": "embedding", "index": i, "embedding": _encoded(row, body)}
            for i, row in enumerate(rows)
        ]
        usage = {"prompt_tokens": words(texts), "total_tokens": words(texts)}
        value: dict[str, object] = {"object": "list", "model": body["model"], "data": data[::-1]}
        self._json(200, value | ({"usage": usage} if counted else {}), {})

    def _whole(self, reply: Reply) -> None:
        """The text in one message; a break or garbage comes amid its JSON."""
        self.server.owner.pause(reply.first_delay_s)
        message = {"role": "assistant", "content": "".join(reply.pieces) or None}
        if reply.refusal is not None:
            message["refusal"] = reply.refusal
        choice = {"index": 0, "message": message, "finish_reason": reply.finish_reason}
        value = _completion([choice], reply.usage) | {"object": "chat.completion"}
        if reply.break_after is None and reply.garble_after is None:
            self._json(200, value, reply.headers)
            return
        payload = json.dumps(value).encode()
        kept = payload[: len(payload) // 2]
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        promised = payload if reply.garble_after is None else kept
        self.send_header("Content-Length", str(len(promised)))
        self.end_headers()
        self.wfile.write(kept)
        self.wfile.flush()
        self.close_connection = True

    def _stream(self, reply: Reply) -> None:
        self.send_response(200)
        for name, header in reply.headers.items():
            self.send_header(name, header)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.server.owner.pause(reply.first_delay_s)
        for number, piece in enumerate(reply.pieces):
            if reply.break_after == number:
                self._break(reply)
                return
            if reply.garble_after == number:
                self._send(b'data: {"choices": [{"delta": {"content": "ha\n\n')
            if number:
                self.server.owner.pause(reply.piece_delay_s)
            self._event([{"index": 0, "delta": {"content": piece}, "finish_reason": None}])
        if reply.break_after is not None and reply.break_after >= len(reply.pieces):
            self._break(reply)
            return
        self._event([{"index": 0, "delta": {}, "finish_reason": reply.finish_reason}])
        if reply.usage is not None:
            self._event([], reply.usage)
        if reply.done:
            self._send(b"data: [DONE]\n\n")
        self._send(b"")

    def _event(self, choices: list[dict[str, Any]], usage: tuple[int, int] | None = None) -> None:
        event = _completion(choices, usage)
        self._send(b"data: " + json.dumps(event).encode() + b"\n\n")

    def _send(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()
        # A closed peer is noticed on the second write at the earliest; look for its FIN first.
        self.connection.setblocking(False)
        try:
            if self.connection.recv(1, socket.MSG_PEEK) == b"":
                raise ConnectionResetError
        except BlockingIOError:
            pass
        finally:
            self.connection.setblocking(True)

    def _break(self, reply: Reply) -> None:
        if reply.break_how == "close":
            self._send(b"")
        else:
            self.wfile.write(b"40\r\ndata: {")
            self.wfile.flush()
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)


def _completion(choices: list[dict[str, Any]], usage: tuple[int, int] | None) -> dict[str, Any]:
    value: dict[str, Any] = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": int(time.time()),
        "model": MODEL,
        "choices": choices,
    }
    if usage is not None:
        counts = {"prompt_tokens": usage[0], "completion_tokens": usage[1]}
        value["usage"] = {**counts, "total_tokens": usage[0] + usage[1]}
    return value
