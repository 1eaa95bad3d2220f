"""The local desk's contacts: an undone creation is deleted."""

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
        schema="crm_contact",
        values=lambda title, text: {"name": title, "description": text, "company": "Ordivane Ltd"},
        title="name",
        text="description",
        change={"phone": "+15550145"},
        wrong={"phone": 5},
        held=lambda: len(DeskBook(folder / "desk").entries()),
        closes=False,
    )
