"""What calls to models know of each other, in one SQLite file that all processes share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copilot.adapters.upstream.health import SqliteHealth


def build_health(file: Path) -> SqliteHealth:
    """The health of models, kept in ``file``, which is made when something is kept."""
    from copilot.adapters.sqlite import Database
    from copilot.adapters.upstream.health import TABLES, SqliteHealth

    return SqliteHealth(Database(file, tables=TABLES, holds="how models' calls went"))
