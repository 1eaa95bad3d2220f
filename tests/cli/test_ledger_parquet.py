"""``copilot ledger export parquet``: what other tools can read, and what never leaves."""

from __future__ import annotations

import stat
from pathlib import Path

import duckdb
import pytest

from copilot.adapters.ledger.parquet import LedgerParquet
from copilot.adapters.ledger.reader import LedgerReader
from copilot.adapters.ledger.spool import SpoolRunWriter
from copilot.errors import StorageError
from copilot.records import FeedbackGiven
from copilot.runs import RunFilter
from copilot.testing.run_events import QUOTE, quoted_run, written_run
from tests.cli.conftest import Finished, run_cli
from tests.integration.ledger_processes import start

ADDRESS = "ada.lovelace@example.org"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with two runs, one of which names an address, in a conversation named by it."""
    home = tmp_path / "it's a home"
    writer = SpoolRunWriter(home / "ledger", bodies=True)
    for events in (quoted_run("run-1", question=f"Who is {ADDRESS}?"), written_run("run-2")):
        for event in events:
            writer.append(events[0].run_id, event)
    writer.append("run-1", FeedbackGiven("bad", "local", (ADDRESS, "stale"), "not so"))
    writer.append("run-2", FeedbackGiven("good", "local"))
    writer.close()
    return home


def export(home: Path, folder: Path, *arguments: str) -> Finished:
    return run_cli("ledger", "export", "parquet", str(folder), *arguments, home=home)


def read(folder: Path, statement: str) -> list[tuple[object, ...]]:
    with duckdb.connect() as connection:
        connection.execute(f"SET file_search_path = '{str(folder).replace(chr(39), chr(39) * 2)}'")
        return connection.execute(statement).fetchall()


def test_every_documented_view_is_a_file_that_can_be_read(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out" / "it's"
    done = export(home, folder, "--json")
    assert done.code == 0, done.err
    views = {line["view"] for line in run_cli("sql", "--views", "--json", home=home).lines}
    assert {path.name for path in folder.iterdir()} == {f"{view}.parquet" for view in views}
    told = {Path(line["to"]).name: line["rows"] for line in done.lines}
    assert (told["v_runs.parquet"], told["v_attempts.parquet"]) == (2, 2)
    found = read(folder, "SELECT run_id, cost_microusd FROM 'v_runs.parquet' ORDER BY run_id")
    assert found == [("run-1", 0), ("run-2", 1_234)]
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in folder.iterdir())


def test_no_word_of_a_person_or_a_model_leaves_unless_it_is_wanted(
    home: Path, tmp_path: Path
) -> None:
    export(home, tmp_path / "out")
    one = "SELECT question, answer, conversation FROM 'v_runs.parquet'"
    assert read(tmp_path / "out", one) == [(None, None, "")] * 2
    tags = "SELECT tags, comment FROM 'v_feedback.parquet'"
    assert read(tmp_path / "out", tags) == [([], None)] * 2
    content = b"".join(path.read_bytes() for path in (tmp_path / "out").iterdir())
    for text in (ADDRESS, QUOTE, "stale", "morning", "slow down"):
        assert text.encode() not in content
    assert run_cli("audit", "list", "--json", home=home).lines == []


def test_what_is_wanted_leaves_redacted_and_the_ledger_keeps_its_texts(
    home: Path, tmp_path: Path
) -> None:
    (home / "config.toml").write_text("[telemetry]\ncontent = true\n", encoding="utf-8")
    assert export(home, tmp_path / "out").code == 0
    one = "SELECT question, answer FROM 'v_runs.parquet' WHERE run_id = 'run-1'"
    [(question, answer)] = read(tmp_path / "out", one)
    assert str(question).startswith("Who is ") and ADDRESS not in str(question)
    assert answer == f"{QUOTE} [1]"
    tags = "SELECT tags FROM 'v_feedback.parquet' ORDER BY rating"
    [(redacted,), (none,)] = read(tmp_path / "out", tags)
    assert isinstance(redacted, list)
    assert (redacted[1], ADDRESS in redacted[0], none) == ("stale", False, [])
    assert ADDRESS in str(LedgerReader(home / "ledger").run("run-1").summary.question)
    [line] = run_cli("audit", "list", "--json", home=home).lines
    entry = line["entry"]
    assert (entry["action"], entry["subject"]) == ("ledger.export", str(tmp_path / "out"))


def test_an_export_replaces_the_one_before_and_leaves_other_files(
    home: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    export(home, folder)
    (folder / "mine.txt").write_text("x", encoding="utf-8")
    writer = SpoolRunWriter(home / "ledger", bodies=True)
    for event in quoted_run("run-3"):
        writer.append("run-3", event)
    writer.close()
    export(home, folder)
    assert read(folder, "SELECT count(*) FROM 'v_runs.parquet'") == [(3,)]
    assert (folder / "mine.txt").exists()
    assert not list(folder.glob(".*"))


def test_it_is_exported_while_another_program_holds_the_ledger(home: Path, tmp_path: Path) -> None:
    LedgerReader(home / "ledger").runs(RunFilter(), limit=1)
    holder = start("hold", home / "ledger")
    try:
        assert holder.stdout is not None and holder.stdout.readline() == b"held\n"
        done = export(home, tmp_path / "out")
        assert (done.code, f"PID {holder.pid}" in done.err) == (0, True)
    finally:
        holder.kill()
        holder.communicate()
    assert read(tmp_path / "out", "SELECT count(*) FROM 'v_runs.parquet'") == [(2,)]


def test_a_folder_that_cannot_be_one_is_said(home: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    assert export(home, tmp_path / "file" / "out").code == 2


def test_an_export_that_fails_leaves_no_half_of_a_file_and_no_text_less(
    home: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    (folder / "v_runs.parquet").mkdir(parents=True)
    with pytest.raises(StorageError):
        LedgerParquet(home / "ledger").export(folder, redact=None)
    assert not list(folder.glob(".*"))
    assert LedgerReader(home / "ledger").run("run-1").answer == f"{QUOTE} [1]"
