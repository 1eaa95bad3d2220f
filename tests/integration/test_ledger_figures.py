"""The figures that the database counts once: after an upgrade, and when records are gone."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

import duckdb
import pytest

from copilot.adapters.ledger.database import DATABASE_FILE, opened, steps, upgrade
from copilot.adapters.ledger.reader import LedgerReader
from copilot.adapters.ledger.spool import SpoolRunWriter
from copilot.events import Event
from copilot.figures import StatsRow
from copilot.records import BudgetChanged, FeedbackGiven, Record
from copilot.runs import RunFilter
from copilot.testing.run_events import STARTED_AT, written_run

ALL = RunFilter()


def record(folder: Path, run_id: str, *said: Event | Record) -> None:
    writer = SpoolRunWriter(folder, bodies=True)
    for one in said:
        writer.append(run_id, one)
    writer.close()


def figures(folder: Path) -> StatsRow:
    [row] = LedgerReader(folder).stats(ALL, by="")
    return row


def test_runs_of_an_older_schema_are_counted_by_the_first_reader(tmp_path: Path) -> None:
    folder = tmp_path / "ledger"
    record(folder, "run-1", *written_run("run-1"), FeedbackGiven("good", "ann"))
    expected = figures(folder)
    old = tmp_path / "old"
    old.mkdir()
    before = [step for step in steps() if step.version < 5]
    with duckdb.connect(str(old / DATABASE_FILE)) as connection:
        upgrade(connection, before)
        connection.execute(f"ATTACH '{folder / DATABASE_FILE}' AS new (READ_ONLY)")
        for table in ("citations", "hits", "verdicts", "attempts", "feedback"):
            columns = ", ".join(
                f'"{row[0]}"' for row in connection.execute(f"DESCRIBE {table}").fetchall()
            )
            connection.execute(f"INSERT INTO {table} SELECT {columns} FROM new.{table}")
        columns = ", ".join(row[0] for row in connection.execute("DESCRIBE runs").fetchall())
        connection.execute(f"INSERT INTO runs SELECT {columns} FROM new.runs")
    assert expected.good == 1
    assert figures(old) == expected


def test_figures_stay_when_the_records_that_they_count_are_deleted(tmp_path: Path) -> None:
    record(tmp_path, "run-1", *written_run("run-1"))
    before = figures(tmp_path)
    with opened(tmp_path / DATABASE_FILE) as connection:
        for table in ("citations", "hits", "verdicts", "attempts"):
            connection.execute(f"DELETE FROM {table}")
    assert figures(tmp_path) == before
    record(tmp_path, "run-1", FeedbackGiven("bad", "ann"))
    after = figures(tmp_path)
    assert (after.bad, after.succeeded) == (1, 0)
    assert (after.sentences, after.cited_top3, after.calls) == (1, 1, 2)


def test_questions_that_are_asked_at_once_are_of_one_moment_and_one_opening(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    openings: list[Path] = []

    def counted(database: Path) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        openings.append(database)
        return opened(database)

    monkeypatch.setattr("copilot.adapters.ledger.reader.opened", counted)
    record(tmp_path, "run-1", *written_run("run-1"))
    reader = LedgerReader(tmp_path)
    with reader.at_once() as one:
        assert one.stats(ALL, by="")[0].runs == 1
        record(tmp_path, "run-2", *written_run("run-2"))
        assert (one.stats(ALL, by="")[0].runs, one.standing().synced_at) == (1, None)
        assert len(one.runs(ALL, limit=9)) == 1
    assert len(openings) == 1
    assert reader.stats(ALL, by="")[0].runs == 2
    assert len(openings) == 2


def test_the_last_change_of_a_budget_is_the_last_one_while_the_clock_stands(tmp_path: Path) -> None:
    """Twelve changes within a microsecond, as after a clock that was set back."""
    writer = SpoolRunWriter(tmp_path, bodies=True, now=lambda: STARTED_AT)
    for spent in range(12):
        writer.append("run-1", BudgetChanged("team", "settled", 1, spent, 100, "2026-11"))
    writer.close()
    [budget] = LedgerReader(tmp_path).standing().budgets
    assert budget.spent_microusd == 11


def test_a_run_is_counted_once_and_again_only_when_something_is_told_of_it(tmp_path: Path) -> None:
    def uncounted() -> list[str]:
        with opened(tmp_path / DATABASE_FILE) as connection:
            rows = connection.execute("SELECT id FROM runs WHERE NOT counted").fetchall()
        return [row[0] for row in rows]

    for number in (1, 2):
        record(tmp_path, f"run-{number}", *written_run(f"run-{number}"))
    assert figures(tmp_path).runs == 2
    assert uncounted() == []
    with opened(tmp_path / DATABASE_FILE) as connection:
        connection.execute("UPDATE runs SET calls = 100 WHERE id = 'run-2'")
    record(tmp_path, "run-1", FeedbackGiven("good", "ann"))
    assert figures(tmp_path).calls == 102
    assert uncounted() == []
