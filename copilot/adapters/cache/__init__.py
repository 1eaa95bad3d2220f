"""Answers that were given before, in one SQLite file that all processes share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copilot.adapters.cache.answers import SqliteAnswers
    from copilot.caching import Bounds


def build_answers(file: Path, bounds: Bounds) -> SqliteAnswers:
    """Answers kept in ``file``, which is made when the first is kept."""
    from copilot.adapters.cache.answers import TABLES, SqliteAnswers
    from copilot.adapters.sqlite import Database

    holds = "answers to give again; `copilot cache clear` does that"
    return SqliteAnswers(Database(file, tables=TABLES, holds=holds), bounds)
