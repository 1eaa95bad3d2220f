"""Tickets in Zendesk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from copilot.adapters.sinks.zendesk import build
from copilot.config.records import SinkSettings
from copilot.handoff import Sink
from copilot.testing.http_server import HttpReply
from tests.contracts.sink_case import KEY_NAME, SECRET, Product, SinkCase, key_for
from tests.products.zendesk import USER, ZendeskServer


@contextmanager
def opened(folder: Path) -> Iterator[SinkCase]:
    server = ZendeskServer(SECRET)
    settings = SinkSettings(kind="zendesk", url=server.url, user=USER, key=KEY_NAME, timeout_s=10)

    def with_key(key: str | None) -> Sink:
        return build("our-zendesk", settings, key_for=lambda name: key)

    def fill(count: int) -> None:
        for number in range(count):
            comment = {"body": "It is out of paper."}
            server.create({"subject": f"Printer {number}", "comment": comment})

    def limited(seconds: int) -> HttpReply:
        said = {"error": "APIRateLimitExceeded", "description": "Number of allowed API requests"}
        return HttpReply(429, said, {"Retry-After": str(seconds)})

    with server:
        yield SinkCase(
            sink=build("our-zendesk", settings, key_for=key_for),
            schema="ticket",
            values=lambda title, text: {
                "subject": title,
                "description": text,
                "priority": "high",
                "requester_name": "Ana Ruiz",
                "requester_email": "ana@customer.example",
            },
            title="subject",
            text="description",
            change={"priority": "low", "custom_field_360001": "acme_desk"},
            wrong={"priority": "apocalyptic"},
            held=lambda: len(server.tickets),
            forgets=False,  # what was said can't be taken back
            product=Product(server, limited, fill, with_key),
        )
