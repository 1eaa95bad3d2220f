"""A receiver of webhooks that tells what became of a key, and understands what undoes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from copilot.adapters.sinks.webhook import build
from copilot.config.records import SinkSettings
from copilot.handoff import Sink
from copilot.testing.http_server import HttpReply
from tests.contracts.sink_case import KEY_NAME, SECRET, Product, SinkCase, key_for
from tests.products.webhook import WebhookServer


@contextmanager
def opened(folder: Path) -> Iterator[SinkCase]:
    server = WebhookServer(SECRET)
    settings = SinkSettings(
        kind="webhook",
        url=f"{server.url}/hook",
        key=KEY_NAME,
        timeout_s=10,
        options={
            "status_url": server.url + "/status/{key}",
            "fields": "title, text, severity",
            "undo": True,
        },
    )

    def with_key(key: str | None) -> Sink:
        return build("our-hook", settings, key_for=lambda name: key)

    def fill(count: int) -> None:
        for number in range(count):
            server.add(f"by-hand-{number}", {"title": f"Printer {number}"})

    def limited(seconds: int) -> HttpReply:
        return HttpReply(429, {"error": "slow down"}, {"Retry-After": str(seconds)})

    with server:
        yield SinkCase(
            sink=build("our-hook", settings, key_for=key_for),
            schema="ticket",
            values=lambda title, text: {"title": title, "text": text, "severity": "high"},
            title="title",
            text="text",
            change={"severity": "low"},
            wrong={"severity": "apocalyptic"},
            held=lambda: len(server.records),
            closes=False,
            reopens=False,  # a receiver doesn't tell of a field that says so
            searches=False,
            product=Product(server, limited, fill, with_key),
        )
