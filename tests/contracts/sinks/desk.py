"""The local desk's tickets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from copilot.adapters.sinks.desk import DeskBook, DeskSink
from tests.contracts.sink_case import SinkCase


@contextmanager
def opened(folder: Path) -> Iterator[SinkCase]:
    yield SinkCase(
        sink=DeskSink(folder / "desk"),
        schema="ticket",
        values=lambda title, text: {"title": title, "description": text, "severity": "high"},
        title="title",
        text="description",
        change={"severity": "low", "requester_email": "ann@example.org"},
        wrong={"severity": "apocalyptic"},
        held=lambda: len(DeskBook(folder / "desk").entries()),
    )
