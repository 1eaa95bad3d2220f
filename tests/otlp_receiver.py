"""A collector on the loopback: takes OTLP over HTTP and parses what it gets.

Invariant: a request that isn't a valid export request is answered 400 and kept nowhere.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

REQUESTS: Mapping[str, Any] = {
    "/v1/traces": ExportTraceServiceRequest,
    "/v1/metrics": ExportMetricsServiceRequest,
}


@dataclass(frozen=True)
class Reply:
    """``partial`` is (rejected spans or data points, message) in an answer of 200."""

    status: int = 200
    partial: tuple[int, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Received:
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def served(self) -> str:
        """The path without the query."""
        return self.path.partition("?")[0]

    @property
    def message(self) -> Any:
        return REQUESTS[self.served].FromString(self.body)


class OtlpReceiver:
    """``with OtlpReceiver() as receiver:`` then ``receiver.url`` is the endpoint."""

    def __init__(self, *script: Reply) -> None:
        self.script = list(script)
        self.accepted: list[Received] = []
        self.seen: list[Received] = []
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    @property
    def spans(self) -> list[Any]:
        return [
            span
            for received in self.accepted
            if received.served == "/v1/traces"
            for resource in received.message.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    @property
    def metrics(self) -> list[Any]:
        """Those of the last request that held some."""
        messages = [one.message for one in self.accepted if one.served == "/v1/metrics"]
        return [
            metric
            for resource in (messages[-1].resource_metrics if messages else ())
            for scope in resource.scope_metrics
            for metric in scope.metrics
        ]

    def __enter__(self) -> OtlpReceiver:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(timeout=5)


def attributes(carrier: Any) -> dict[str, Any]:
    """The attributes of a span, an event or a resource."""
    return {pair.key: _value(pair.value) for pair in carrier.attributes}


def _value(value: Any) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(item) for item in value.array_value.values]
    return getattr(value, kind)


def _handler(owner: OtlpReceiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            received = Received(self.path, headers, body)
            owner.seen.append(received)
            reply = owner.script.pop(0) if owner.script else Reply()
            metrics = received.served == "/v1/metrics"
            answer: Any = (
                ExportMetricsServiceResponse() if metrics else ExportTraceServiceResponse()
            )
            status = reply.status
            if status == 200 and (
                received.served not in REQUESTS
                or headers["content-type"] != "application/x-protobuf"
            ):
                status = 400
            try:
                REQUESTS.get(received.served, ExportTraceServiceRequest).FromString(body)
            except DecodeError:
                status = 400 if status == 200 else status
            if status == 200:
                owner.accepted.append(received)
                if reply.partial is not None:
                    counted = "rejected_data_points" if metrics else "rejected_spans"
                    setattr(answer.partial_success, counted, reply.partial[0])
                    answer.partial_success.error_message = reply.partial[1]
            payload = answer.SerializeToString()
            self.send_response(status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def do_GET(self) -> None:
            owner.seen.append(Received(self.path, {}, b""))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Nothing: a test's output is its own."""

    return Handler
