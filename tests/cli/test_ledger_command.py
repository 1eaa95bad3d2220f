"""``copilot ledger status|forget|purge|hold``: what they print, and their exit codes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from copilot.adapters.conversations.files import FileConversations
from copilot.adapters.ledger.spool import SpoolRunWriter
from copilot.messages import Turn
from copilot.testing.run_events import quoted_run
from tests.cli.conftest import Cli, Finished, run_cli

OLD = datetime.now(UTC) - timedelta(days=400)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with an old and a young run of ``local``, in a conversation each."""
    home = tmp_path / "home"
    writer = SpoolRunWriter(home / "ledger", bodies=True)
    for events in (
        quoted_run("run-1", started_at=OLD, question="An old one?"),
        quoted_run("run-2", started_at=datetime.now(UTC), question="A young one?"),
    ):
        for event in events:
            writer.append(events[0].run_id, event)
    writer.close()
    FileConversations(home / "sessions").append("morning", [Turn("user", "An old one?")])
    return home


def ledger(home: Path, *arguments: str) -> Finished:
    return run_cli("ledger", *arguments, home=home)


def configured(home: Path, text: str) -> None:
    (home / "config.toml").write_text(text, encoding="utf-8")


def test_status_says_what_there_is(home: Path) -> None:
    done = ledger(home, "status")
    assert done.code == 0, done.err
    told = dict(line.split(maxsplit=1) for line in done.out.splitlines() if line[:4] != "in t")
    assert told["place"] == str(home / "ledger")
    assert told["runs"].startswith(f"2, {OLD:%Y-%m-%d} to ")
    assert "on hold         nobody" in done.out
    assert "to be finished  nothing" in done.out
    envelope = ledger(home, "status", "--json").envelope
    assert (envelope["kind"], envelope["runs"], envelope["waiting"]) == ("ledger_status", 2, 0)


def test_status_of_an_empty_home_creates_nothing(tmp_path: Path, cli: Cli) -> None:
    done = cli("ledger", "status", "--json")
    assert (done.code, done.envelope["runs"], done.envelope["bytes"]) == (0, 0, 0)
    assert not (tmp_path / "home").exists()


def test_a_person_is_forgotten_and_the_trail_can_be_verified(home: Path) -> None:
    would = ledger(home, "forget", "local", "--dry-run")
    assert (would.code, would.out[:30]) == (0, "would be forgotten: 2 runs wit")
    done = ledger(home, "forget", "local", "--json")
    assert done.code == 0, done.err
    told = done.envelope
    assert (told["kind"], told["runs"], told["exchanges"]) == ("forgotten", 2, 1)
    for path in home.rglob("*"):
        assert not path.is_file() or b"old one" not in path.read_bytes(), path
    assert ledger(home, "forget", "local").code == 3
    assert run_cli("audit", "verify", home=home).code == 0
    listed = run_cli("audit", "list", "--json", home=home)
    assert "ledger.forget" in listed.out
    assert '"local"' not in listed.out


def test_nothing_that_a_person_said_by_any_command_is_left_in_the_home(
    tmp_path: Path, cli: Cli
) -> None:
    word, home = "Zebrafink", tmp_path / "home"
    document = tmp_path / "note.md"
    document.write_text("# Printer\n\nThe printer is in room 12.\n", encoding="utf-8")
    assert cli("index", "add", str(document)).code == 0
    asked = f"Where is the printer, {word}?"
    assert cli("ask", asked, "-s", f"about-{word}").code in (0, 10)
    assert cli("ask", f"And the {word} after that?", "-c").code in (0, 10)
    assert cli("ask", "--batch", "-", stdin=f'{{"id": 1, "question": "{asked}"}}').code in (0, 10)
    assert cli("search", asked).code == 0
    assert cli("feedback", "bad", "--tag", word, "--comment", f"no, {word}").code == 0
    assert cli("ledger", "status").code == 0
    assert cli("runs", "replay").code == 0
    assert cli("alerts", "check").code == 0
    assert cli("ledger", "export", "otlp", "--file", str(tmp_path / "spans.jsonl")).code == 0
    assert cli("ask", f"{word}, still in the spool?").code in (0, 10)

    def holding() -> list[Path]:
        return [
            path
            for path in home.rglob("*")
            if word in path.name or (path.is_file() and word.encode() in path.read_bytes())
        ]

    assert holding()
    done = cli("ledger", "forget", "local")
    assert done.code == 0, done.err
    assert holding() == []
    assert cli("stats", "--json").code == 0
    assert cli("search", "printer").code == 0


def test_a_run_that_is_being_written_makes_it_partial(home: Path) -> None:
    writer = SpoolRunWriter(home / "ledger", bodies=True)
    writer.append("run-3", quoted_run("run-3")[0])
    done = ledger(home, "forget", "local")
    assert (done.code, "still being written" in done.err) == (9, True)
    writer.close()
    assert "person-" in ledger(home, "status").out
    assert ledger(home, "forget", "local").code == 0


def test_purge_keeps_everything_until_the_configuration_says_otherwise(home: Path) -> None:
    done = ledger(home, "purge")
    assert (done.code, "deleted: 0 runs" in done.out) == (0, True)
    assert "[retention] keeps everything" in done.err


def test_purge_deletes_by_class_and_tells_first_what_would_go(home: Path) -> None:
    configured(home, "[retention]\nbodies_days = 30\nruns_days = 365\n")
    would = ledger(home, "purge", "--dry-run")
    assert would.out.startswith("would be deleted: 1 runs"), would.err
    assert run_cli("runs", "show", "run-1", home=home).code == 0
    done = ledger(home, "purge", "--json")
    assert (done.envelope["runs"], done.envelope["dry_run"]) == (1, False)
    assert run_cli("runs", "show", "run-1", home=home).code == 3
    assert "A young one?" in run_cli("runs", "show", "run-2", home=home).out


def test_a_hold_goes_before_retention_and_forgetting(home: Path) -> None:
    configured(home, "[retention]\nruns_days = 365\nconversations_days = 1\n")
    assert ledger(home, "hold", "list").err == "nobody is on hold\n"
    added = ledger(home, "hold", "add", "local", "--reason", "case 7\x1b[31m")
    assert (added.code, added.out.endswith(": case 7\n"), added.err) == (0, True, "")
    unknown = ledger(home, "hold", "add", "locale")
    assert (unknown.code, "is the name right?" in unknown.err) == (0, True)
    assert ledger(home, "hold", "add", "LOCAL").err == ""
    assert ledger(home, "hold", "remove", "LOCAL").code == 0
    assert "case 7" in ledger(home, "hold", "list").out
    assert ledger(home, "purge").out.startswith("deleted: 0 runs")
    refused = ledger(home, "forget", "local")
    assert (refused.code, "on hold" in refused.err) == (7, True)
    assert ledger(home, "hold", "remove", "local", "--json").envelope["held"] is False
    assert ledger(home, "hold", "remove", "local").code == 3
    assert ledger(home, "purge").out.startswith("deleted: 1 runs")


def test_an_empty_name_is_no_person(home: Path) -> None:
    assert ledger(home, "forget", "").code == 2
    assert ledger(home, "hold", "add", "").code == 2
