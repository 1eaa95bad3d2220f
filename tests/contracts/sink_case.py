"""What the contract suite of sinks needs to know of one: a module in ``sinks/`` for each.

Such a module has ``opened(folder)``, a context manager that yields a ``SinkCase``; a product's
runs its local server from ``tests/products`` meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from copilot.extracted import Json
from copilot.handoff import Sink
from copilot.testing.http_server import HttpReply, HttpServer

KEY_NAME = "the-key"
SECRET = "s3cr3t-0123456789abcdef"


@dataclass
class Product:
    """A product's local server, and how it says what every product says in its own way.

    ``limited``: its answer where one is to wait for so many seconds. ``fill``: make so many
    entries by other hands, more than a page of them. ``settle``: let searches see everything.
    ``with_key``: the same sink for a user whose key is this one; None: who has none.
    """

    server: HttpServer
    limited: Callable[[int], HttpReply]
    fill: Callable[[int], None]
    with_key: Callable[[str | None], Sink]
    settle: Callable[[], None] = lambda: None


@dataclass
class SinkCase:
    """A sink that holds nothing yet.

    ``values``: a valid creation's, with this title and this free text. ``title``, ``text``: the
    sink's fields that these stand in. ``change``: an update of other fields or of the text.
    ``wrong``: a value that it rejects, by field. ``held``: how many entries it holds, closed ones
    too. ``closes``: an undone creation is closed there; otherwise it is deleted. ``forgets``: a
    comment can be undone. ``searches``: it can be asked for entries on the same issue.
    ``missing``: an id that no entry has. ``closable``: such an entry can be done with at all, and
    ``reopens``: again be open.
    """

    sink: Sink
    schema: str
    values: Callable[[str, str], dict[str, Json]]
    title: str
    text: str
    change: Mapping[str, Json]
    wrong: Mapping[str, Json]
    held: Callable[[], int]
    closes: bool = True
    forgets: bool = True
    searches: bool = True
    closable: bool = True
    reopens: bool = True
    product: Product | None = None
    missing: str = "999999"

    @property
    def kind(self) -> str:
        kind = self.sink.kind_for(self.schema)
        assert kind is not None
        return kind


Opened = Callable[[Path], AbstractContextManager[SinkCase]]
_LOCAL = ("memory", "desk", "desk_contact", "stranger")


def all_cases() -> dict[str, Opened]:
    """By the name of their module."""
    folder = Path(__file__).parent / "sinks"
    names = sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")
    modules: list[Any] = [import_module(f"tests.contracts.sinks.{name}") for name in names]
    return {name: module.opened for name, module in zip(names, modules, strict=True)}


def wired_cases() -> dict[str, Opened]:
    """Those that speak to a product's server."""
    return {name: case for name, case in all_cases().items() if name not in _LOCAL}


def key_for(name: str) -> str | None:
    """The one key that is stored."""
    return SECRET if name == KEY_NAME else None
