"""Contacts in HubSpot."""

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
            given = {"email": f"{number}@customer.example", "lastname": f"No. {number}"}
            server.create("contacts", {"properties": given})

    def limited(seconds: int) -> HttpReply:
        said = {"status": "error", "message": "You have reached your secondly limit."}
        return HttpReply(429, said, {"Retry-After": str(seconds)})

    with server:
        yield SinkCase(
            sink=build("our-hubspot", settings, key_for=key_for),
            schema="crm_contact",
            values=lambda title, text: {"name": title, "address": text, "company": "Ordivane Ltd"},
            title="name",
            text="address",
            change={"jobtitle": "CTO", "name": "Ana María Ruiz"},
            wrong={"email": "not an address"},
            held=lambda: len(server.objects["contacts"]),
            closes=False,
            closable=False,
            product=Product(server, limited, fill, with_key, server.settle),
        )
