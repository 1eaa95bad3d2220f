"""The local desk as a sink.

Invariant: an idempotency key is unique in the database, so that one key is one entry whoever
writes at the same time; each write leaves what it changed in the entry's history, and a deletion
nothing but that it was one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from copilot.adapters.sinks.desk.database import opened, sql
from copilot.adapters.sinks.desk.kinds import (
    STATE,
    Kind,
    kind_named,
    kind_of_schema,
)
from copilot.adapters.sinks.desk.likeness import compared, likely
from copilot.adapters.sinks.desk.rows import cells_of, found_by, text_only, wrong_fields
from copilot.adapters.sinks.undoing import Undoing, undoing
from copilot.errors import NotFoundError, SinkRequestError
from copilot.extracted import Json
from copilot.proposals import Receipt, SinkCall, SinkEntry, SinkField, SinkWrite

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_COMPARED = 5000  # the latest open entries that a new one is compared with


def _utc_now() -> datetime:
    return datetime.now(UTC)


class DeskSink:
    """Writes to the desk in ``folder``, which is made when it is needed."""

    def __init__(
        self, folder: Path, *, name: str = "desk", now: Callable[[], datetime] = _utc_now
    ) -> None:
        self._folder = folder
        self._name = name
        self._now = now

    @property
    def name(self) -> str:
        return self._name

    @property
    def target(self) -> str:
        """There is one desk in a home, whatever it is called."""
        return "desk"

    @property
    def settles_s(self) -> float:
        return 0.0

    def kind_for(self, schema: str) -> str | None:
        return kind_of_schema(schema)

    def default_fields(self, schema: str) -> Mapping[str, str]:
        kind = kind_named(kind_of_schema(schema))
        text, source = kind.text
        return {
            **{one.name: one.name for one in kind.own},
            text.name: "@text",
            source.name: "@source",
        }

    def fields(self, kind: str) -> tuple[SinkField, ...]:
        return kind_named(kind).fields

    def undo_of(self, write: SinkWrite, receipt: Receipt) -> SinkWrite | None:
        creation: Undoing = "close" if kind_named(write.kind).closes else "delete"
        return undoing(write, receipt, creation=creation, comments=True)

    def preview(self, write: SinkWrite) -> tuple[SinkCall, ...]:
        place = write.external_id or write.kind
        body = json.dumps(dict(write.values), indent=2, ensure_ascii=False) if write.values else ""
        return (SinkCall(write.operation.upper(), f"desk:{place}", body),)

    def check(self) -> str:
        with opened(self._folder):
            return f"the desk in {self._folder}"

    def find(self, kind: str, key: str) -> SinkEntry | None:
        with opened(self._folder) as connection:
            return found_by(connection, "by_key", kind_named(kind), key)

    def read(self, kind: str, external_id: str) -> SinkEntry:
        with opened(self._folder) as connection:
            entry = found_by(connection, "read", kind_named(kind), external_id)
        if entry is None:
            raise NotFoundError(
                f"the desk has no {kind} {external_id}", hint="`copilot desk list` lists them"
            )
        return entry

    def similar(self, kind: str, values: Mapping[str, Json], *, limit: int) -> list[SinkEntry]:
        wanted = kind_named(kind)
        columns = ", ".join(compared(wanted))
        statement = sql("latest_open").format(table=wanted.table, columns=columns)
        with opened(self._folder) as connection:
            rows = connection.execute(statement, [kind, _COMPARED]).fetchall()
        near = likely(wanted, values, rows)[:limit]
        if not near:
            return []
        with opened(self._folder) as connection:
            found = [found_by(connection, "read", wanted, number) for number in near]
        return [entry for entry in found if entry is not None and entry.open]

    def write(self, write: SinkWrite) -> Receipt:
        clean = {str(text_only(name)): text_only(value) for name, value in write.values.items()}
        write = replace(write, values=clean)
        self._check_fields(write)
        with opened(self._folder) as connection:
            match write.operation:
                case "create":
                    return self._create(connection, write)
                case "comment":
                    return self._comment(connection, write)
                case "delete":
                    return self._delete(connection, write)
                case _:
                    return self._change(connection, write)

    def _check_fields(self, write: SinkWrite) -> None:
        if write.operation not in ("create", "update", "restore"):
            return
        kind = kind_named(write.kind)
        wrong = wrong_fields(kind, write.values, whole=write.operation == "create")
        if STATE in write.values and write.operation != "restore":
            wrong[STATE] = "changes when an entry is closed"
        if wrong:
            listed = "; ".join(f"{name}: {why}" for name, why in wrong.items())
            raise SinkRequestError(f"{self._name} rejects the entry: {listed}", fields=wrong)

    def _create(self, connection: DuckDBPyConnection, write: SinkWrite) -> Receipt:
        kind = kind_named(write.kind)
        held = found_by(connection, "by_key", kind, write.key)
        if held is not None:
            return Receipt(held.external_id, replayed=True)
        now = self._moment()
        cells: dict[str, object] = {
            "kind": write.kind,
            "state": "open",
            "key": write.key,
            "created_at": now,
            "updated_at": now,
            **cells_of(kind, write.values),
        }
        statement = sql("insert").format(
            table=kind.table,
            sequence=kind.sequence,
            columns=", ".join(["id", *cells]),
            marks=", ".join("?" * len(cells)),
        )
        number = connection.execute(statement, [kind.prefix, *cells.values()]).fetchall()[0][0]
        self._note(connection, number, write.operation, {})
        return Receipt(str(number))

    def _change(self, connection: DuckDBPyConnection, write: SinkWrite) -> Receipt:
        kind = kind_named(write.kind)
        held = self._held(connection, kind, write.external_id)
        wanted = {STATE: "closed"} if write.operation == "close" else dict(write.values)
        before = {
            name: held.values.get(name)
            for name, value in wanted.items()
            if held.values.get(name) != value
        }
        if not before:
            return Receipt(write.external_id)
        changed: dict[str, Json] = {name: wanted[name] for name in before}
        # One JSON object holds all of a record of somebody's own schema.
        new = {**_own_values(held), **changed} if kind.generic else changed
        cells = cells_of(kind, new)
        statement = sql("update").format(
            table=kind.table, assignments=", ".join(f"{name} = ?" for name in cells)
        )
        connection.execute(statement, [*cells.values(), self._moment(), write.external_id])
        pairs = {name: [before[name], wanted[name]] for name in before}
        self._note(connection, write.external_id, write.operation, pairs)
        return Receipt(write.external_id, before=before)

    def _comment(self, connection: DuckDBPyConnection, write: SinkWrite) -> Receipt:
        rows = connection.execute(sql("comment_by_key"), [write.key]).fetchall()
        if rows:
            return Receipt(str(rows[0][0]), replayed=True)
        self._held(connection, kind_named(write.kind), write.external_id)
        said = str(write.values.get("comment") or "")
        cells = [f"{write.external_id}/", write.external_id, write.key, self._moment(), said]
        rows = connection.execute(sql("insert_comment"), cells).fetchall()
        return Receipt(str(rows[0][0]))

    def _delete(self, connection: DuckDBPyConnection, write: SinkWrite) -> Receipt:
        number = write.external_id
        if write.kind == "comment":
            rows = connection.execute(sql("delete_comment"), [number]).fetchall()
            return Receipt(number, replayed=not rows)
        kind = kind_named(write.kind)
        if found_by(connection, "read", kind, number) is None:
            return Receipt(number, replayed=True)
        connection.execute(sql("delete").format(table=kind.table), [number])
        connection.execute(sql("forget_comments"), [number])
        connection.execute(sql("forget_changes"), [number])
        self._note(connection, number, write.operation, {})
        return Receipt(number)

    def _held(self, connection: DuckDBPyConnection, kind: Kind, number: str) -> SinkEntry:
        held = found_by(connection, "read", kind, number)
        if held is None:
            raise NotFoundError(
                f"the desk has no {kind.name} {number}", hint="`copilot desk list` lists them"
            )
        return held

    def _note(
        self,
        connection: DuckDBPyConnection,
        number: str,
        operation: str,
        changes: Mapping[str, list[Json]],
    ) -> None:
        cells = [number, self._moment(), operation, json.dumps(changes, ensure_ascii=False)]
        connection.execute(sql("insert_change"), cells)

    def _moment(self) -> datetime:
        return self._now().astimezone(UTC).replace(tzinfo=None)


def _own_values(held: SinkEntry) -> dict[str, Json]:
    """A record's own fields, without what the desk adds."""
    return {name: value for name, value in held.values.items() if not name.startswith("@")}
