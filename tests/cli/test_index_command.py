"""``copilot index`` as its users run it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Cli
from tests.corpora import REPOSITORY

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "docs"
    (path / "sub").mkdir(parents=True)
    (path / "restore.md").write_text("# Restore\n\nRun `pg_restore` as the postgres user.\n")
    (path / "sub" / "holidays.md").write_text("# Holidays\n\nEveryone has thirty days.\n")
    records = [{"id": "q1", "text": "How to log in?"}, {"id": "q2", "text": "Where is it?"}]
    (path / "faq.jsonl").write_text("\n".join(map(json.dumps, records)))
    return path


def test_documents_are_added_listed_synced_and_removed(cli: Cli, folder: Path) -> None:
    added = cli("index", "add", str(folder), "--json")
    assert added.code == 0, added.err
    assert added.envelope["kind"] == "index_sync"
    assert (added.envelope["added"], added.envelope["failed"]) == (4, 0)

    listed = cli("index", "list", "--json").lines
    assert [(d["path"], d["document_id"]) for d in listed] == [
        (f"{folder}/faq.jsonl#q1", "q1"),
        (f"{folder}/faq.jsonl#q2", "q2"),
        (f"{folder}/restore.md", f"{folder}/restore.md"),
        (f"{folder}/sub/holidays.md", f"{folder}/sub/holidays.md"),
    ]
    again = cli("index", "sync", "--json").envelope
    assert (again["added"], again["unchanged"]) == (0, 4)

    (folder / "restore.md").write_text("# Restore\n\nAsk somebody.\n")
    (folder / "sub" / "holidays.md").unlink()
    changed = cli("index", "sync", "--json").envelope
    assert (changed["updated"], changed["removed"], changed["unchanged"]) == (1, 1, 2)

    removed = cli("index", "remove", f"{folder}/faq.jsonl", "--json").envelope
    assert removed["removed"] == 2
    assert cli("index", "sync", "--json").envelope["unchanged"] == 1
    assert cli("index", "remove", str(folder)).code == 0
    assert cli("index", "list").out == ""
    assert cli("index", "sync").code == 3


def test_the_status_names_counts_sources_and_what_was_left_out(cli: Cli, folder: Path) -> None:
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 but not really")
    (folder / "empty.txt").write_text("")
    added = cli("index", "add", str(folder), "--label", "eng", "--label", "ops")
    assert added.code == 9
    assert "broken.pdf" in added.err

    status = cli("index", "status", "--json").envelope
    assert status["documents"] == {"indexed": 4, "skipped": 1, "failed": 1}
    assert status["passages"] >= 4
    assert status["embedder"]["dimension"] == 384
    assert status["sources"][0]["root"] == str(folder)
    assert status["sources"][0]["labels"] == ["eng", "ops"]
    assert status["size_bytes"] > 0
    assert [Path(f["path"]).name for f in status["failures"]] == ["broken.pdf"]
    shown = cli("index", "status").out
    for words in ("4 in", "1 skipped, 1 failed", "broken.pdf", str(folder), "for eng, ops"):
        assert words in shown


def test_a_dry_run_writes_nothing(cli: Cli, folder: Path, tmp_path: Path) -> None:
    done = cli("index", "add", str(folder), "--dry-run", "--json")
    assert done.code == 0, done.err
    assert done.envelope["added"] == 3  # files: what is in them is not read
    assert {Path(c["path"]).name for c in done.envelope["changes"]} == {
        "restore.md",
        "holidays.md",
        "faq.jsonl",
    }
    assert not (tmp_path / "home" / "index").exists()


def test_an_empty_index_says_how_to_begin(cli: Cli) -> None:
    assert "copilot index add" in cli("index", "status").out
    assert cli("index", "list", "--json").out == ""
    done = cli("index", "sync", "--json")
    assert done.code == 3
    assert "copilot index add" in done.envelope["error"]["hint"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("add", "/no/such/path"), 3),
        (("add",), 2),
        (("remove", "/no/such/path"), 3),
        (("list", "--status", "odd"), 2),
        (("rebuild",), 3),
    ],
)
def test_wrong_calls_end_in_one_error_and_its_code(
    cli: Cli, arguments: tuple[str, ...], code: int
) -> None:
    done = cli("index", *arguments, "--json")
    assert done.code == code, done.err
    assert done.envelope["kind"] == "error"
    assert "Traceback" not in done.err


def test_names_with_escape_sequences_never_reach_the_terminal_raw(cli: Cli, folder: Path) -> None:
    (folder / "evil\x1b[31m\u202etxt.md").write_text("# Title \x1b]0;owned\x07\n\nWords.\n")
    for done in (
        cli("index", "add", str(folder)),
        cli("index", "list"),
        cli("index", "status"),
        cli("index", "sync"),
    ):
        assert done.code == 0, done.err
        assert "\x1b" not in done.out + done.err
        assert "\u202e" not in done.out + done.err
    assert "evil" in cli("index", "list").out


def test_ctrl_c_ends_with_130_and_the_next_sync_goes_on(
    folder: Path, tmp_path: Path, cli: Cli
) -> None:
    home = tmp_path / "home"
    for i in range(120):
        (folder / f"{i:03}.md").write_text(f"# Note {i}\n\n" + f"Words of note {i}. " * 90)
    with subprocess.Popen(
        [sys.executable, "-m", "copilot.cli", "index", "add", str(folder), "--json"],
        cwd=REPOSITORY,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "COPILOT_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        # Now it is under way, and far from its end.
        assert any(line.startswith("embedding") for line in process.stderr)
        process.send_signal(signal.SIGINT)
        out, err = process.stdout.read(), process.stderr.read()
    assert process.returncode == 130, err
    assert json.loads(out)["exit_code"] == 130
    assert "copilot index sync" in err
    assert "Traceback" not in err
    done = cli("index", "sync", "--json", timeout=300)
    assert done.code == 0, done.err
    assert done.envelope["added"] + done.envelope["unchanged"] == 124


def test_what_changes_is_synced_while_it_is_watched_until_ctrl_c(
    folder: Path, tmp_path: Path, cli: Cli
) -> None:
    home = tmp_path / "home"
    assert cli("index", "watch").code == 3
    assert cli("index", "add", str(folder)).code == 0
    (folder / "new.md").write_text("# New\n\nA page that came before the watch.\n")
    with subprocess.Popen(
        [sys.executable, "-m", "copilot.cli", "index", "watch", "--json"],
        cwd=REPOSITORY,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "COPILOT_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        first = json.loads(process.stdout.readline())
        (folder / "new.md").unlink()
        second = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130
    assert (first["added"], second["removed"]) == (1, 1)
    assert first["sources"] == second["sources"] == [str(folder)]


def test_an_empty_path_does_not_mean_the_current_folder(cli: Cli) -> None:
    for command in ("add", "remove"):
        done = cli("index", command, "")
        assert done.code == 2
        assert "the path is empty" in done.err
    assert cli("index", "list").out == ""


def test_a_home_among_the_documents_is_not_read(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "note.md").write_text("# Printer\n\nIt is in room 12.\n", encoding="utf-8")
    assert cli("index", "add", str(tmp_path)).code == 0
    assert cli("ask", "Where is the printer?").code == 0
    assert cli("index", "sync", "--json").envelope["added"] == 0
    assert [line["path"] for line in cli("index", "list", "--json").lines] == [
        str(tmp_path / "note.md")
    ]
