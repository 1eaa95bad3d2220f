"""Tickets in HubSpot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from copilot.adapters.sinks.hubspot import build
from copilot.config.records import SinkSettings
from copilot.handoff import Sink
from copilot.testing.http_server import HttpReply
from tests.contracts.sink_case import KEY_NAME, SECRET, Product, SinkCase, key_for
from tests.products.hubspot import HubSpotServer


@contextmanager
def opened(folder: Path) -> Iterator[SinkCase]:
    server = HubSpotServer(SECRET)
    settings = SinkSettings(kind="hubspot", url=server.url, key=KEY_NAME, timeout_s=10)

    def with_key(key: str | None) -> Sink:
        return build("our-hubspot", settings, key_for=lambda name: key)

    def fill(count: int) -> None:
        for number in range(count):
            given = {"subject": f"Printer {number}", "hs_pipeline_stage": "1"}
            server.create("tickets", {"properties": given})

    def limited(seconds: int) -> HttpReply:
        said = {"status": "error", "message": "You have reached your secondly limit."}
        said |= {"errorType": "RATE_LIMIT", "policyName": "SECONDLY"}
        return HttpReply(429, said, {"Retry-After": str(seconds)})

    with server:
        yield SinkCase(
            sink=build("our-hubspot", settings, key_for=key_for),
            schema="ticket",
            values=lambda title, text: {
                "subject": title,
                "content": text,
                "hs_ticket_priority": "HIGH",
            },
            title="subject",
            text="content",
            change={"hs_ticket_priority": "LOW"},
            wrong={"hs_ticket_priority": "apocalyptic"},
            held=lambda: len(server.objects["tickets"]),
            closes=False,
            product=Product(server, limited, fill, with_key, server.settle),
        )
