"""GitHub Issues."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from copilot.adapters.sinks import build_sink
from copilot.config.records import SinkSettings
from copilot.handoff import Sink
from tests.contracts.sink_case import KEY_NAME, SECRET, Product, SinkCase, key_for
from tests.products.github import NAME, OWNER, GitHubServer


@contextmanager
def opened(folder: Path) -> Iterator[SinkCase]:
    with GitHubServer(SECRET) as server:
        settings = SinkSettings(
            kind="github",
            url=server.url,
            key=KEY_NAME,
            options={"repository": f"{OWNER}/{NAME}"},
            timeout_s=5,
        )

        def with_key(key: str | None) -> Sink:
            return build_sink("hub", settings, key_for=lambda name: key, desk=folder)

        yield SinkCase(
            sink=build_sink("hub", settings, key_for=key_for, desk=folder),
            schema="ticket",
            values=lambda title, text: {"title": title, "body": text, "labels": ["bug"]},
            title="title",
            text="body",
            change={"labels": ["label 001"], "body": "Mended.\n\n@all"},
            wrong={"assignees": ["nobody-of-that-name"]},
            held=lambda: len(server.issues),
            product=Product(
                server=server, limited=server.limited, fill=server.fill, with_key=with_key
            ),
        )
