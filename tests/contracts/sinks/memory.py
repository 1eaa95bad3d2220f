"""The double."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from copilot.testing.memory_sink import MemorySink
from tests.contracts.sink_case import SinkCase


@contextmanager
def opened(folder: Path) -> Iterator[SinkCase]:
    sink = MemorySink()
    yield SinkCase(
        sink=sink,
        schema="ticket",
        values=lambda title, text: {"title": title, "description": text, "severity": "high"},
        title="title",
        text="description",
        change={"severity": "low"},
        wrong={"severity": "apocalyptic"},
        held=lambda: len(sink.held),
    )
