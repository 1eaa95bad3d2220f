"""The views that a person may rely on: each described, each record in one, texts only when kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

import duckdb
import pytest

from copilot.adapters.ledger.free_sql import LedgerSql
from copilot.adapters.ledger.reader import LedgerReader
from copilot.adapters.ledger.record_lines import KINDS
from copilot.adapters.ledger.spool import SpoolRunWriter
from copilot.events import Arrival, DocumentIndexed, RunFinished, RunStarted, SyncFinished
from copilot.messages import Status
from copilot.records import (
    FLUSHED,
    ApprovalDecided,
    BudgetChanged,
    CacheUsed,
    EvalScored,
    ExtractionFinished,
    FeedbackGiven,
    FlagEvaluated,
    GuardChecked,
    Record,
    ToolCalled,
    texts_of,
)
from copilot.runs import RunFilter
from copilot.testing.run_events import QUOTE, STARTED_AT, written_run

SAID = "what somebody said"
# Every field differs from its default, so that a column that is read from another one is seen.
RECORDS: dict[str, Record] = {
    "v_feedback": FeedbackGiven("bad", "ann", ("stale", "slow"), SAID, f"{SAID}, better"),
    "v_guard": GuardChecked("redaction", "egress", "redacted", "iban", "p-1", 2, 0.5, 1.5, SAID),
    "v_tools": ToolCalled(
        "lookup", "read", "failed", True, "ToolError", 2.5, '{"a":1}', '"r"', SAID
    ),
    "v_approvals": ApprovalDecided(
        "proposal-1", "ticket", "edited", "person", "bo", "rule-1", 3.5, SAID
    ),
    "v_extractions": ExtractionFinished(
        "invoice", "2", "repaired", 3, ("total", "lines.0.sum"), "a.pdf", 4.5, '{"total":1}'
    ),
    "v_flags": FlagEvaluated("cache", "on", "split", "ann"),
    "v_cache": CacheUsed("semantic", "hit", "run-0", 0.98, "wrong", 7, 5.5),
    "v_budget": BudgetChanged(
        "team", "settled", 1_500_000, 2_000_000, 10_000_000, "2026-11", 900, 1_200, 5_000
    ),
    "v_evals": EvalScored(
        "eval-1", "golden", "case-1", "grounding", "failed", 0.25, True, "doc", "r1", SAID
    ),
}
# Where a view's column isn't called as the record's field.
RENAMED = {
    "v_extractions": {"schema": "schema_name"},
    "v_evals": {"case": "case_name", "cluster": "case_cluster"},
}
WITHOUT_ITS_RUN = {"v_budget"}


@pytest.fixture(scope="module")
def connection(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[duckdb.DuckDBPyConnection]:
    folder = tmp_path_factory.mktemp("home") / "ledger"
    record(folder, bodies=True)
    with duckdb.connect(str(folder / "ledger.duckdb"), read_only=True) as opened:
        yield opened


def record(folder: Path, *, bodies: bool) -> None:
    writer = SpoolRunWriter(folder, bodies=bodies)
    for event in written_run("run-1"):
        writer.append("run-1", event)
    for event in (
        RunStarted("run-2", "index", "/notes", "", "local", STARTED_AT),
        SyncFinished(3, 2, 1, 12, 4, 5, 1_240, 6, 60_000.0, sources=("notes",)),
        RunFinished("run-2", Status.ANSWERED, None, 60_000.0),
    ):
        writer.append("run-2", event)
    hour = timedelta(hours=1)
    for event in (
        RunStarted("run-3", "index", "/notes", "", "local", STARTED_AT + 2 * hour),
        DocumentIndexed(
            "/notes/a.md", 3, "updated", Arrival("notes", STARTED_AT + hour, STARTED_AT + 2 * hour)
        ),
    ):
        writer.append("run-3", event)
    for view, happened in RECORDS.items():
        writer.append("" if view in WITHOUT_ITS_RUN else "run-1", happened)
    writer.close()
    LedgerReader(folder).runs(RunFilter(), limit=1)


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    asked = connection.execute(query)
    names = [column[0] for column in asked.description]
    return [dict(zip(names, row, strict=True)) for row in asked.fetchall()]


def views(connection: duckdb.DuckDBPyConnection) -> list[str]:
    found = connection.execute(
        "SELECT view_name FROM duckdb_views() WHERE NOT internal AND starts_with(view_name, 'v_')"
    ).fetchall()
    return sorted(name for (name,) in found)


def test_every_view_and_every_column_is_described(connection: duckdb.DuckDBPyConnection) -> None:
    assert set(views(connection)) >= {
        *RECORDS,
        *(f"v_{name}" for name in ("runs", "queries", "attempts", "hits", "citations")),
        *(f"v_{name}" for name in ("verdicts", "syncs", "warnings")),
    }
    silent = connection.execute(
        "SELECT view_name, '' FROM duckdb_views() "
        "WHERE starts_with(view_name, 'v_') AND coalesce(comment, '') = '' "
        "UNION ALL SELECT table_name, column_name FROM duckdb_columns() "
        "WHERE starts_with(table_name, 'v_') AND coalesce(comment, '') = ''"
    ).fetchall()
    assert silent == []


def test_every_kind_of_record_has_a_view_and_a_kind_that_makes_no_run(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    assert {type(happened) for happened in RECORDS.values()} == set(get_args(Record))
    known = connection.execute("SELECT kind FROM record_kinds").fetchall()
    assert {kind for (kind,) in known} == set(KINDS.values())
    assert set(FLUSHED) <= set(get_args(Record))


@pytest.mark.parametrize("view", RECORDS)
def test_a_record_stands_in_its_view_as_it_was_written(
    connection: duckdb.DuckDBPyConnection, view: str
) -> None:
    [row] = rows(connection, f"FROM {view}")
    happened = RECORDS[view]
    assert row["run_id"] == ("" if view in WITHOUT_ITS_RUN else "run-1")
    for one in fields(happened):
        told, written = (
            row[RENAMED.get(view, {}).get(one.name, one.name)],
            getattr(happened, one.name),
        )
        assert told == (list(written) if isinstance(written, tuple) else written), one.name


def test_every_view_has_the_rows_of_what_was_recorded(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    counts = {view: len(rows(connection, f"FROM {view}")) for view in views(connection)}
    assert {view for view, count in counts.items() if count == 0} == set()
    [asked] = rows(connection, "FROM v_runs WHERE kind = 'ask'")
    assert (asked["question"], asked["route"], asked["cost_usd"]) == (
        "And after that?",
        "answer",
        0.001234,
    )
    attempts = rows(connection, "FROM v_attempts ORDER BY attempt")
    assert [(row["attempt"], row["outcome"], row["cost_usd"]) for row in attempts] == [
        (1, "failed", 0.0),
        (2, "ok", 0.001234),
    ]
    hits = rows(connection, "FROM v_hits ORDER BY rank")
    assert [row["cited"] for row in hits] == [True, False, False, True, False]
    assert (hits[1]["dense"], hits[1]["lexical"], hits[1]["last_search"]) == (0.45, 3.5, True)
    cited = rows(connection, "FROM v_citations ORDER BY n")
    assert [(row["quote"], row["rank"]) for row in cited] == [(QUOTE, 1), (QUOTE, 4)]
    [arrived] = rows(connection, "FROM v_arrivals")
    assert (arrived["run_id"], arrived["lag_s"]) == ("run-3", 3_600.0)
    [budget] = rows(connection, "FROM v_budget")
    assert (budget["amount_usd"], budget["left_usd"]) == (1.5, 8.0)
    assert budget["left_tokens"] == 3_800


def test_of_the_ratings_of_one_person_the_last_one_counts(tmp_path: Path) -> None:
    folder = tmp_path / "ledger"
    for principal, rating in (("ann", "bad"), ("bo", "bad"), ("ann", "good")):
        writer = SpoolRunWriter(folder, bodies=True)
        writer.append("run-1", FeedbackGiven(rating, principal))  # type: ignore[arg-type]
        writer.close()
    LedgerReader(folder).runs(RunFilter(), limit=1)
    with duckdb.connect(str(folder / "ledger.duckdb")) as connection:
        counting = rows(connection, "FROM v_feedback WHERE latest ORDER BY principal")
    assert [(row["principal"], row["rating"]) for row in counting] == [
        ("ann", "good"),
        ("bo", "bad"),
    ]


def test_without_bodies_no_record_leaves_a_text_in_the_ledger(tmp_path: Path) -> None:
    folder = tmp_path / "ledger"
    record(folder, bodies=False)
    for path in folder.rglob("*"):
        assert path.is_dir() or SAID.encode() not in path.read_bytes(), path
    with duckdb.connect(str(folder / "ledger.duckdb")) as connection:
        for view, happened in RECORDS.items():
            [row] = rows(connection, f"FROM {view}")
            assert [row[name] for name in texts_of(type(happened)) if row[name] is not None] == []


def test_every_text_of_a_record_is_among_the_uses_of_bodies(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    unused = connection.execute(
        "SELECT body FROM bodies WHERE digest NOT IN "
        "(SELECT digest FROM body_uses WHERE digest IS NOT NULL)"
    ).fetchall()
    assert unused == []
    used = connection.execute("SELECT DISTINCT field FROM body_uses").fetchall()
    assert {"comment", "correction", "tool arguments", "record"} <= {field for (field,) in used}


def test_records_that_an_older_copilot_put_by_are_adopted(tmp_path: Path) -> None:
    folder = tmp_path / "ledger"
    record(folder, bodies=True)
    data = {"rating": "good", "principal": "cy", "tags": [], "comment": None, "correction": None}
    with duckdb.connect(str(folder / "ledger.duckdb")) as connection:
        connection.execute(
            "INSERT INTO other_records VALUES "
            "('o:0', 'run-1', now(), 'feedback_given', ?), ('o:1', 'run-1', now(), 'later', '{}')",
            [json.dumps(data)],
        )
    assert [one.principal for one in LedgerReader(folder).run("run-1").feedback] == ["ann", "cy"]
    with duckdb.connect(str(folder / "ledger.duckdb")) as connection:
        assert connection.execute("SELECT kind FROM other_records").fetchall() == [("later",)]


def test_what_nothing_was_recorded_in_is_asked_in_sql_and_by_readers_alike(tmp_path: Path) -> None:
    for _ in range(2):
        with LedgerSql(tmp_path / "ledger").query("select count(*) from v_runs") as relation:
            assert list(relation.rows) == [(0,)]
        with LedgerReader(tmp_path / "ledger").at_once() as reader:
            assert reader.runs(RunFilter(), limit=5) == []
            [row] = reader.stats(RunFilter(since=STARTED_AT), by="")
            assert row.runs == 0
    assert not (tmp_path / "ledger").exists()
