"""Incidents in ServiceNow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from copilot.adapters.sinks.servicenow import build
from copilot.config.records import SinkSettings
from copilot.handoff import Sink
from copilot.testing.http_server import HttpReply
from tests.contracts.sink_case import KEY_NAME, SECRET, Product, SinkCase, key_for
from tests.products.servicenow import USER, ServiceNowServer


@contextmanager
def opened(folder: Path) -> Iterator[SinkCase]:
    server = ServiceNowServer(SECRET, page=100)
    settings = SinkSettings(
        kind="servicenow", url=server.url, user=USER, key=KEY_NAME, timeout_s=10
    )

    def with_key(key: str | None) -> Sink:
        return build("our-servicenow", settings, key_for=lambda name: key)

    def fill(count: int) -> None:
        for number in range(count):
            server.add("incident", {"short_description": f"Printer {number} is out of paper"})

    def limited(seconds: int) -> HttpReply:
        said = {"error": {"message": "Rate limit exceeded", "detail": ""}, "status": "failure"}
        return HttpReply(429, said, {"Retry-After": str(seconds)})

    with server:
        yield SinkCase(
            sink=build("our-servicenow", settings, key_for=key_for),
            schema="ticket",
            values=lambda title, text: {
                "short_description": title,
                "description": text,
                "urgency": "2",
            },
            title="short_description",
            text="description",
            change={"urgency": "3", "category": "software"},
            wrong={"short_description": ""},
            held=lambda: len(server.tables["incident"]),
            forgets=False,  # a journal forgets nothing
            missing="f" * 32,
            product=Product(server, limited, fill, with_key),
        )
