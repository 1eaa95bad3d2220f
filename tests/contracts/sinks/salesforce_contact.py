"""Contacts in Salesforce, by an app that signs in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from copilot.adapters.sinks.salesforce import build
from copilot.config.records import SinkSettings
from copilot.handoff import Sink
from copilot.testing.http_server import HttpReply
from tests.contracts.sink_case import KEY_NAME, SECRET, Product, SinkCase, key_for
from tests.products.salesforce import CLIENT, SalesforceServer


@contextmanager
def opened(folder: Path) -> Iterator[SinkCase]:
    server = SalesforceServer(SECRET, page=50)
    settings = SinkSettings(
        kind="salesforce",
        url=server.url,
        user=CLIENT,
        key=KEY_NAME,
        timeout_s=10,
        options={"login_url": server.url},
    )

    def with_key(key: str | None) -> Sink:
        return build("our-salesforce", settings, key_for=lambda name: key)

    def fill(count: int) -> None:
        for number in range(count):
            server.add("Contact", {"LastName": f"No. {number}"}, {})

    def limited(seconds: int) -> HttpReply:
        said = {"message": "Too many requests", "errorCode": "REQUEST_LIMIT_EXCEEDED"}
        return HttpReply(429, [said], {"Retry-After": str(seconds)})

    with server:
        yield SinkCase(
            sink=build("our-salesforce", settings, key_for=key_for),
            schema="crm_contact",
            values=lambda title, text: {"Name": title, "MailingStreet": text, "Title": "CTO"},
            title="Name",
            text="MailingStreet",
            change={"Title": "CEO", "Name": "Ana María Ruiz"},
            wrong={"Email": "not an address"},
            held=lambda: len(server.records["Contact"]),
            closes=False,
            closable=False,
            product=Product(server, limited, fill, with_key),
        )
