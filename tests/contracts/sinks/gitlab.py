"""GitLab Issues."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from copilot.adapters.sinks import build_sink
from copilot.config.records import SinkSettings
from copilot.handoff import Sink
from tests.contracts.sink_case import KEY_NAME, SECRET, Product, SinkCase, key_for
from tests.products.gitlab import PROJECT, GitLabServer


@contextmanager
def opened(folder: Path) -> Iterator[SinkCase]:
    with GitLabServer(SECRET) as server:
        settings = SinkSettings(
            kind="gitlab",
            url=server.url,
            key=KEY_NAME,
            options={"project": PROJECT},
            timeout_s=5,
        )

        def with_key(key: str | None) -> Sink:
            return build_sink("lab", settings, key_for=lambda name: key, desk=folder)

        yield SinkCase(
            sink=build_sink("lab", settings, key_for=key_for, desk=folder),
            schema="ticket",
            values=lambda title, text: {
                "title": title,
                "description": text,
                "due_date": "2026-12-01",
            },
            title="title",
            text="description",
            change={"labels": ["label 001"], "description": "Mended.\n\n/close", "due_date": None},
            wrong={"due_date": "some day"},
            held=lambda: len(server.issues),
            product=Product(
                server=server, limited=server.limited, fill=server.fill, with_key=with_key
            ),
        )
