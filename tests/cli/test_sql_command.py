"""``copilot sql``: what it prints, and that no statement gets out of the ledger."""

from __future__ import annotations

import csv
import io
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from copilot.adapters.ledger.free_sql import LedgerSql
from copilot.adapters.ledger.reader import LedgerReader
from copilot.adapters.ledger.spool import SpoolRunWriter
from copilot.errors import CopilotError, DeniedError, LimitError, UsageError
from copilot.runs import RunFilter
from copilot.testing.run_events import STARTED_AT, quoted_run, written_run
from tests.cli.conftest import Finished, run_cli
from tests.corpora import REPOSITORY
from tests.integration.ledger_processes import start

SECRET = "only this file knows"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a quoted and a written run."""
    home = tmp_path / "home"
    writer = SpoolRunWriter(home / "ledger", bodies=True)
    for events in (
        quoted_run("run-1", question="Wo, «bitte»?\nHier \x1b[31m\u202e"),
        written_run("run-2", started_at=STARTED_AT + timedelta(hours=1)),
    ):
        for event in events:
            writer.append(events[0].run_id, event)
    writer.close()
    return home


def ask(home: Path, *arguments: str, stdin: str = "") -> Finished:
    return run_cli("sql", *arguments, home=home, stdin=stdin)


def rows(home: Path, statement: str) -> list[dict[str, object]]:
    done = ask(home, statement, "--json")
    assert done.code == 0, done.err
    assert {line["kind"] for line in done.lines} <= {"row"}
    return [line["row"] for line in done.lines]


def test_rows_come_as_json_lines_with_plain_values(home: Path) -> None:
    statement = """SELECT run_id, question, cost_microusd, started_at, 1.50 AS price,
        [1, 2] AS list, {'a': DATE '2026-01-02'} AS struct, 'x'::BLOB AS bytes,
        'nan'::DOUBLE AS odd, NULL AS nothing
        FROM v_runs ORDER BY run_id"""
    first, second = rows(home, statement)
    assert first["question"] == "Wo, «bitte»?\nHier \x1b[31m\u202e"
    assert (second["run_id"], second["cost_microusd"]) == ("run-2", 1_234)
    assert first["started_at"] == STARTED_AT.replace(tzinfo=None).isoformat()
    assert (first["price"], first["list"], first["struct"]) == (1.5, [1, 2], {"a": "2026-01-02"})
    assert (first["bytes"], first["odd"], first["nothing"]) == ("78", "nan", None)


def test_columns_of_one_name_are_told_apart(home: Path) -> None:
    assert rows(home, "SELECT 1 AS a, 2 AS a, 3 AS a_2") == [{"a": 1, "a_2": 2, "a_2_2": 3}]


def test_times_with_a_zone_need_no_further_package(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pytz", None)
    statement = "SELECT TIMESTAMPTZ '2026-11-22 01:00:00+01' AS t, 1 AS t, 'x' AS x -- end;\n;"
    with LedgerSql(home / "ledger").query(statement) as relation:
        assert list(relation.rows) == [("2026-11-22T00:00:00", 1, "x")]


def test_csv_can_be_read_back(home: Path) -> None:
    done = ask(home, "SELECT question, NULL AS nothing FROM v_runs ORDER BY run_id", "--csv")
    assert done.code == 0, done.err
    read = list(csv.reader(io.StringIO(done.out, newline="")))
    question = "Wo, «bitte»?\nHier \x1b[31m\u202e"
    assert read == [["question", "nothing"], [question, ""], ["And after that?", ""]]


def test_a_table_is_one_clean_line_a_row(home: Path) -> None:
    done = ask(home, "SELECT run_id, question, input_tokens FROM v_runs ORDER BY run_id")
    assert done.code == 0, done.err
    header, first, second = done.out.splitlines()
    assert header.split() == ["run_id", "question", "input_tokens"]
    assert "\x1b" not in done.out and "\u202e" not in done.out
    assert first.startswith("run-1") and first.endswith(" 0")
    assert second.endswith(" 900")


def test_no_rows_are_a_header_in_a_table_and_nothing_in_json(home: Path) -> None:
    assert ask(home, "SELECT run_id FROM v_runs WHERE false").out == "run_id\n"
    assert rows(home, "SELECT run_id FROM v_runs WHERE false") == []


def test_a_statement_is_read_from_stdin(home: Path) -> None:
    assert ask(home, stdin="SELECT 42 AS n").out.split() == ["n", "42"]
    assert ask(home, "-", stdin="SELECT 43 AS n").out.split() == ["n", "43"]


def test_every_view_and_column_is_described(home: Path) -> None:
    done = ask(home, "--views", "--json")
    assert done.code == 0, done.err
    views = {line["view"]: line for line in done.lines}
    assert {"v_runs", "v_attempts", "v_hits", "v_feedback"} <= set(views)
    for view in views.values():
        assert view["about"]
        for column in view["columns"]:
            assert column["about"], (view["view"], column["name"])
    lines = ask(home, "--views").out.splitlines()
    about = lines.index("v_runs  One row a run: an ask, a search, an index run.")
    assert lines[about + 1].startswith("  run_id  ")


def test_an_empty_home_has_views_and_no_rows_and_stays_empty(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert ask(home, "SELECT count(*) AS n FROM v_runs").out.split() == ["n", "0"]
    assert ask(home, "DROP VIEW v_runs").code == 7
    assert not home.exists()


MISTAKES = [
    "",
    "  -- nothing",
    ";",
    "SELEC 1",
    "SELECT 1; SELECT 2",
    "SELECT * FROM v_runz",
    "SELECT wrong FROM v_runs",
    "SELECT $1",
    "SELECT error('no')",
    "SELECT 'x'::INT",
]


@pytest.mark.parametrize("statement", MISTAKES)
def test_sql_that_cannot_be_run_is_a_mistake_of_its_writer(home: Path, statement: str) -> None:
    with pytest.raises(UsageError), LedgerSql(home / "ledger").query(statement) as relation:
        list(relation.rows)


def test_a_wrong_name_brings_the_nearest_and_the_list_of_views(home: Path) -> None:
    done = ask(home, "SELECT * FROM v_runz", "--json")
    assert done.code == 2
    assert "v_runz does not exist" in done.envelope["error"]["message"]
    assert "v_runs" in done.envelope["error"]["hint"]
    assert "--views" in done.envelope["error"]["hint"]


def test_no_table_that_is_not_documented_is_brought_up(home: Path) -> None:
    for name in ("run", "bodie", "nope"):
        assert "hint: `copilot sql --views`" in ask(home, f"SELECT * FROM {name}").err


def escapes(place: Path) -> Iterator[str]:
    """Ways out of the ledger; ``place`` is a folder with a file ``secret.csv``."""
    secret, out = place / "secret.csv", place / "out"
    yield from (f"COPY bodies TO '{out}'", f"COPY (SELECT 1) TO '{out}' (FORMAT parquet)")
    yield from (f"COPY bodies FROM '{secret}'", f"EXPLAIN ANALYZE COPY bodies TO '{out}'")
    yield from (f"ATTACH '{out}.db' AS o", "ATTACH ':memory:' AS m", "DETACH ledger", "USE memory")
    yield from (f"EXPORT DATABASE '{out}'", f"IMPORT DATABASE '{place}'")
    for function in ("read_csv", "read_text", "read_blob", "read_json", "read_parquet", "glob"):
        yield f"SELECT * FROM {function}('{secret}')"
    for function in ("sniff_csv", "parquet_metadata", "read_duckdb", "parquet_scan"):
        yield f"SELECT * FROM {function}('{secret}')"
    yield from (f"SELECT * FROM '{secret}'", f"SELECT * FROM query('FROM ''{secret}''')")
    yield from ("SELECT * FROM read_text('/proc/self/environ')", "SELECT getenv('HOME')")
    yield "SELECT * FROM read_csv('https://example.org/x.csv')"
    yield "SELECT * FROM read_parquet('s3://bucket/x')"
    yield from ("INSTALL httpfs", "LOAD httpfs", f"LOAD '{secret}'", "UPDATE EXTENSIONS")
    yield from ("SET threads = 1", "SET enable_external_access = true", "RESET lock_configuration")
    yield from ("SET GLOBAL temp_directory = '/tmp'", "SET VARIABLE a = 1", "SET TimeZone = 'UTC'")
    yield from ("PRAGMA enable_profiling = 'json'", "PRAGMA database_list", "PRAGMA threads = 1")
    yield f"CALL enable_logging(storage = 'file', storage_config = {{'path': '{out}'}})"
    yield from ("SELECT * FROM enable_logging()", "SELECT * FROM enable_profiling()")
    yield from ("CREATE SECRET (TYPE s3)", "SELECT * FROM which_secret('s3://x', 's3')")
    yield from (
        "CREATE TABLE t (i INT)",
        "CREATE TEMP TABLE t AS SELECT 1",
        "CREATE MACRO f() AS 1",
    )
    yield from ("DROP TABLE runs", "DROP VIEW v_runs", "ALTER TABLE runs DROP COLUMN kind")
    yield from ("DELETE FROM bodies", "UPDATE bodies SET body = ''", "TRUNCATE bodies")
    yield "INSERT INTO bodies VALUES ('a', 'b', now()::TIMESTAMP)"
    yield "MERGE INTO bodies USING (SELECT 1) ON true WHEN MATCHED THEN DELETE"
    yield "WITH gone AS (DELETE FROM bodies RETURNING *) SELECT * FROM gone"
    yield from ("EXPLAIN ANALYZE DELETE FROM bodies", "EXPLAIN ANALYZE SET threads = 1")
    yield from ("SELECT 1; DELETE FROM bodies", "COMMIT", "ROLLBACK", "BEGIN", "CHECKPOINT")
    yield from ("SELECT * FROM query('DELETE FROM bodies RETURNING *')", "VACUUM", "ANALYZE")
    yield from ("PREPARE p AS SELECT 1", "EXECUTE p", "COMMENT ON TABLE runs IS 'x'")
    yield "SELECT * FROM json_execute_serialized_sql(json_serialize_sql('DELETE FROM bodies'))"
    yield from ("SELECT * FROM leaked", "SELECT * FROM force_checkpoint('ledger')")


def test_no_statement_reads_or_writes_anything_else(home: Path, tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    (place / "secret.csv").write_text(f"a,b\n{SECRET},1\n", encoding="utf-8")
    leaked = [SECRET]  # a variable of this name is what a replacement scan would find
    folder = home / "ledger"
    before = LedgerReader(folder).runs(RunFilter(), limit=9)
    files = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*"))
    for statement in (*escapes(place), f"/* SELECT 1; */ DELETE FROM runs -- {place}"):
        with pytest.raises(CopilotError) as raised, LedgerSql(folder).query(statement) as found:
            raise AssertionError(f"{statement} gave {list(found.rows)}, {leaked}")
        assert isinstance(raised.value, DeniedError | UsageError), statement
        assert SECRET not in f"{raised.value.message} {raised.value.hint}"
    assert LedgerReader(folder).runs(RunFilter(), limit=9) == before
    assert sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*")) == files


def test_what_only_looks_at_the_ledger_is_answered(home: Path) -> None:
    for statement in (
        "FROM v_runs",
        "DESCRIBE v_runs",
        "SHOW TABLES",
        "SUMMARIZE v_runs",
        "EXPLAIN SELECT * FROM v_runs",
        "WITH x AS (SELECT 1 AS a) SELECT a FROM x",
        "VALUES (1), (2)",
        "SELECT * FROM query_table('runs')",
        "SELECT now(), current_date",
        "SELECT [TIMESTAMPTZ '2026-11-22 01:00:00+01']::VARCHAR",
    ):
        with LedgerSql(home / "ledger").query(statement) as relation:
            assert list(relation.rows), statement


def test_a_query_beyond_the_memory_writes_no_file(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from copilot.adapters.ledger import database

    monkeypatch.setattr(database, "_CONFIG", {**database._CONFIG, "memory_limit": "64MB"})
    reader = LedgerSql(home / "ledger")
    reader.views()
    before = sorted(home.rglob("*"))
    statement = "SELECT md5(range::VARCHAR) AS h FROM range(3000000) ORDER BY h"
    with pytest.raises(LimitError), reader.query(statement) as relation:
        list(relation.rows)
    assert sorted(home.rglob("*")) == before


def test_the_ledger_is_asked_while_another_program_holds_it(home: Path) -> None:
    LedgerReader(home / "ledger").runs(RunFilter(), limit=1)
    holder = start("hold", home / "ledger")
    try:
        assert holder.stdout is not None and holder.stdout.readline() == b"held\n"
        done = ask(home, "SELECT count(*) AS n FROM v_runs")
        assert done.out.split() == ["n", "2"]
        assert f"PID {holder.pid}" in done.err
        assert ask(home, "DELETE FROM runs").code == 7
    finally:
        holder.kill()
        holder.communicate()
    assert not list((home / "ledger").glob("snapshot-*"))


def test_a_run_is_recorded_while_a_result_is_read(home: Path) -> None:
    reader = LedgerSql(home / "ledger")
    with reader.query("SELECT * FROM range(5000)") as relation:
        next(relation.rows)
        writer = SpoolRunWriter(home / "ledger", bodies=True)
        for event in quoted_run("run-3", started_at=datetime.now(UTC)):
            writer.append("run-3", event)
        writer.close()
        assert sum(1 for _ in relation.rows) == 4999
    with reader.query("SELECT count(*) FROM v_runs") as relation:
        assert list(relation.rows) == [(3,)]


ENDLESS = {
    "a join": "SELECT count(*) FROM range(99999) a, range(99999999) b WHERE a.range * b.range = 7",
    "a scan": "SELECT count(*) FROM range(100000000000000)",
    "a recursion": "WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t) FROM t",
    "the rows": "SELECT * FROM range(100000000000000)",
}
_ASKER = """
import sys
from pathlib import Path
import duckdb
from copilot.adapters.ledger.free_sql import LedgerSql
from copilot.errors import StoppedError
reader = LedgerSql(Path(sys.argv[1]))
try:
    print("going", flush=True)
    with reader.query(sys.argv[2]) as relation:
        for row in relation.rows:
            pass
except StoppedError:
    print("stopped")
except KeyboardInterrupt:
    print("stopped between the rows")
reader.views()
"""


def interrupted(home: Path, statement: str, *, times: int) -> Finished:
    """What becomes of a query that is under way when Ctrl-C is pressed so often."""
    command = [sys.executable, "-c", _ASKER, str(home / "ledger"), statement]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=REPOSITORY
    ) as process:
        try:
            assert process.stdout is not None and process.stdout.readline() == b"going\n"
            for _ in range(times):
                time.sleep(2)
                process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    return Finished(process.returncode, out.decode(), err.decode())


@pytest.mark.parametrize("statement", ENDLESS.values(), ids=ENDLESS)
def test_a_query_without_end_is_stopped_by_ctrl_c(home: Path, statement: str) -> None:
    done = interrupted(home, statement, times=1)
    assert (done.code, done.out.startswith("stopped"), done.err) == (0, True, "")


def test_what_cannot_be_stopped_is_ended_by_a_second_ctrl_c(home: Path) -> None:
    statement = "SELECT levenshtein(repeat('a', 400000), repeat('b', 400000))"
    assert interrupted(home, statement, times=2).code == -signal.SIGINT


def test_a_reader_that_has_gone_ends_the_command_calmly(home: Path) -> None:
    command = [sys.executable, "-m", "copilot.cli", "sql", "--csv", "SELECT * FROM range(1000000)"]
    environment = {"PATH": "/usr/bin:/bin", "COPILOT_HOME": str(home), "HOME": str(home)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert (process.wait(60), process.stderr.read()) == (0, b"")


def test_json_is_what_a_failure_says_too(home: Path) -> None:
    done = ask(home, "ATTACH '/tmp/x' AS x", "--json")
    assert (done.code, json.loads(done.out)["error"]["type"]) == (7, "DeniedError")
