"""The local desk as people look at it: lists, searches, one entry with its history.

Invariant: it changes nothing, and a desk that nobody wrote to yet is an empty one.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from copilot.adapters.sinks.desk.database import FILE, opened, sql
from copilot.adapters.sinks.desk.kinds import (
    CREATED,
    KINDS,
    Kind,
    columns_of,
    kind_named,
    kinds_by_prefix,
)
from copilot.adapters.sinks.desk.rows import entry_of, found_by
from copilot.errors import NotFoundError
from copilot.proposals import DeskChange, FieldChange, SinkEntry

_ALL = 2**62


class DeskBook:
    """Reads the desk in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def entries(
        self, *, kind: str = "", state: str = "", search: str = "", limit: int | None = None
    ) -> list[SinkEntry]:
        """Newest first. ``search``: words, all of which stand somewhere in an entry."""
        if not (self._folder / FILE).exists():
            return []
        wanted = [kind_named(kind)] if kind else list(kinds_by_prefix().values())
        words = search.lower().split()
        found: list[SinkEntry] = []
        with opened(self._folder) as connection:
            for one in wanted:
                statement = sql("entries").format(
                    table=one.table, columns=", ".join(["id", *columns_of(one.table)])
                )
                cells = [kind, kind, state, state, words, _ALL if limit is None else limit]
                found += [
                    entry_of(row) for (row,) in connection.execute(statement, cells).fetchall()
                ]
        found.sort(key=lambda entry: str(entry.values[CREATED]), reverse=True)
        return found[:limit]

    def entry(self, number: str) -> SinkEntry:
        """The entry ``T-1``. NotFoundError."""
        kind = _kind_of_number(number)
        if kind is not None and (self._folder / FILE).exists():
            with opened(self._folder) as connection:
                found = found_by(connection, "read", kind, number.upper())
            if found is not None:
                return found
        raise NotFoundError(
            f"the desk has no entry {number}", hint="`copilot desk list` lists them"
        )

    def history(self, number: str) -> list[DeskChange]:
        """What became of an entry since it was made, oldest first."""
        with opened(self._folder) as connection:
            rows = connection.execute(sql("history"), {"entry": number.upper()}).fetchall()
        return [
            DeskChange(
                at=datetime.fromtimestamp(moment / 1e6, UTC),
                operation=operation,
                changes=tuple(
                    FieldChange(name, *pair) for name, pair in json.loads(changes).items()
                ),
                comment=comment,
            )
            for moment, operation, changes, comment in rows
        ]

    def kinds(self) -> tuple[str, ...]:
        """The kinds that the desk knows of itself; others are people's own schemas."""
        return tuple(KINDS)


def _kind_of_number(number: str) -> Kind | None:
    prefix = number.upper().partition("-")[0] + "-"
    return kinds_by_prefix().get(prefix)
