"""What a question in SQL is answered with: the described views, and the rows of a result.

Invariant: frozen; a cell is one of the plain types of ``Cell``, whatever the database calls it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

# Times come as ISO 8601, as the database has them; bytes as hexadecimal.
Cell: TypeAlias = "bool | int | float | str | Sequence[Cell] | Mapping[str, Cell] | None"


@dataclass(frozen=True, slots=True)
class Column:
    """``type`` as the database names it; ``about`` is empty for a column of a result."""

    name: str
    type: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """A view that stays when the tables behind it change."""

    name: str
    about: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Relation:
    """A result. No two columns have one name; ``rows`` is read once, while the ledger is open."""

    columns: tuple[Column, ...]
    rows: Iterator[tuple[Cell, ...]]
