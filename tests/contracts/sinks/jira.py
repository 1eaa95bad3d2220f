"""Jira Cloud."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from copilot.adapters.sinks import build_sink
from copilot.config.records import SinkSettings
from copilot.handoff import Sink
from tests.contracts.sink_case import KEY_NAME, SECRET, Product, SinkCase, key_for
from tests.products.jira import PROJECT, USER, JiraServer


@contextmanager
def opened(folder: Path) -> Iterator[SinkCase]:
    with JiraServer(SECRET) as server:
        settings = SinkSettings(
            kind="jira",
            url=server.url,
            user=USER,
            key=KEY_NAME,
            options={"project": PROJECT},
            timeout_s=5,
        )

        def with_key(key: str | None) -> Sink:
            return build_sink("our-jira", settings, key_for=lambda name: key, desk=folder)

        yield SinkCase(
            sink=build_sink("our-jira", settings, key_for=key_for, desk=folder),
            schema="ticket",
            values=lambda title, text: {
                "summary": title,
                "description": text,
                "labels": ["from-mail"],
                "priority.name": "High",
            },
            title="summary",
            text="description",
            change={"labels": ["other"], "priority.name": "Low", "description": "Mended.\n\n@all"},
            wrong={"priority.name": "Apocalyptic"},
            held=lambda: len(server.issues),
            missing="SUP-999999",
            product=Product(
                server=server,
                limited=server.limited,
                fill=server.fill,
                with_key=with_key,
                settle=server.settle,
            ),
        )
