"""``copilot audit`` from outside: what is written down, listed and exported."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path

from tests.cli.conftest import PASSPHRASE, Cli, audit_entries


def test_setting_and_removing_a_key_is_written_down_without_the_key(cli: Cli, trail: Path) -> None:
    secret = "sk-test-do-not-show-1234"
    assert cli("keys", "set", "OpenAI", "--store", "file", stdin=secret, env=PASSPHRASE).code == 0
    assert cli("keys", "remove", "openai", env=PASSPHRASE).code == 0
    assert cli("keys", "remove", "openai", env=PASSPHRASE).code == 3
    assert audit_entries(cli) == [
        ("keys.remove", "openai", {}),
        ("keys.set", "openai", {"store": "file"}),
    ]
    assert secret not in trail.read_text(encoding="utf-8")


def test_trusting_a_project_is_written_down_with_what_was_trusted(cli: Cli, project: Path) -> None:
    cli("config", "trust", str(project))
    digest = hashlib.sha256(project.read_bytes()).hexdigest()
    detail = {"sha256": digest, "sets": "search.limit"}
    assert audit_entries(cli) == [("config.trust", str(project), detail)]


def test_a_configuration_that_does_not_load_keeps_no_trust_from_being_withdrawn(
    cli: Cli, home: Path, project: Path
) -> None:
    cli("config", "trust", str(project))
    (home / "config.toml").write_text("[search\n", encoding="utf-8")
    assert cli("config", "trust", "--remove", str(project)).code == 0
    (home / "config.toml").unlink()
    assert [action for action, _, _ in audit_entries(cli)] == ["config.distrust", "config.trust"]


def test_settings_that_are_replaced_are_written_down_and_first_ones_are_not(
    cli: Cli, home: Path, tmp_path: Path
) -> None:
    file, share = home / "config.toml", tmp_path / "anchor.jsonl"
    assert cli("config", "init").code == 0
    assert not (home / "ledger").exists()
    file.write_text(f'[principal]\ngroups = ["hr"]\n[audit]\nanchor = "{share}"\n')
    assert cli("config", "init", "--force").code == 0
    assert audit_entries(cli) == [("config.reset", str(file), {"kept": f"{file}.bak"})]
    assert share.exists()
    file.write_text("[search\n")
    assert cli("config", "init", "--force").code == 0
    assert len(audit_entries(cli)) == 2


def test_every_change_of_the_index_on_purpose_is_written_down_and_looking_is_not(
    cli: Cli, tmp_path: Path, home: Path
) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "one.md").write_text("# Printer\n\nThe printer is in room 12.\n")
    (folder / "two.md").write_text("# Scanner\n\nThe scanner is in room 13.\n")
    assert cli("index", "add", str(folder), "--dry-run").code == 0
    assert cli("index", "sync").code == 3
    assert not (home / "ledger" / "audit.jsonl").exists()
    assert cli("index", "add", str(folder)).code == 0
    assert cli("index", "add", str(folder)).code == 0
    assert cli("index", "sync", "--dry-run").code == 0
    assert cli("index", "sync").code == 0
    assert cli("index", "remove", str(tmp_path / "elsewhere")).code == 3
    assert cli("index", "remove", str(folder / "two.md")).code == 0
    assert cli("index", "rebuild").code == 0
    (rebuilt, at, counts), (removed, what, taken), *added = audit_entries(cli)
    assert added == [("index.add", str(folder), {"labels": ""})]
    assert (rebuilt, at, counts["indexed"]) == ("index.rebuild", str(home / "index"), 1)
    assert (removed, what, taken["removed"]) == ("index.remove", str(folder / "two.md"), 1)
    assert cli("audit", "verify").code == 0


def test_a_rebuild_that_its_embedder_broke_off_is_written_down(cli: Cli, tmp_path: Path) -> None:
    note = tmp_path / "note.md"
    note.write_text("# Printer\n\nThe printer is in room 12.\n")
    assert cli("index", "add", str(note)).code == 0
    env = {
        "COPILOT_EMBEDDING__MODEL": "litellm:openai/small",
        "COPILOT_MODELS__API_BASE": "http://127.0.0.1:9/v1",
        "OPENAI_API_KEY": "sk-x",
        "OPENAI_API_BASE": "http://127.0.0.1:9/v1",
    }
    done = cli("index", "rebuild", env=env)
    assert done.code == 4, done.err
    assert audit_entries(cli, "-n", "1")[0][::2] == ("index.rebuild", {"outcome": "failed"})


def test_a_change_of_labels_is_written_down_with_who_could_read_before(
    cli: Cli, tmp_path: Path
) -> None:
    note, other = tmp_path / "note.md", tmp_path / "other.md"
    for file in (note, other):
        file.write_text("# Printer\n\nThe printer is in room 12.\n")
    many = [f"group-{number:03}" for number in range(999)]
    assert cli("index", "add", str(note), str(other), "--label", "hr").code == 0
    assert cli("index", "add", str(note), "--label", "hr").code == 0
    assert cli("index", "add", str(note)).code == 0
    assert cli("index", "add", str(note), "--label", "eng", "--label", "hr").code == 0
    options = [part for label in many for part in ("--label", label)]
    assert cli("index", "add", str(note), *options).code == 0
    (_, _, last), *before = audit_entries(cli)
    assert before == [
        ("index.add", str(note), {"labels": "eng, hr", "labels_before": "hr"}),
        ("index.add", str(other), {"labels": "hr"}),
        ("index.add", str(note), {"labels": "hr"}),
    ]
    assert str(last["labels"]).startswith("999: group-000, group-001")


def test_labels_count_though_the_trail_cannot_be_written_which_is_said(
    audited: Cli, trail: Path, tmp_path: Path
) -> None:
    note = tmp_path / "note.md"
    note.write_text("# Printer\n\nThe printer is in room 12.\n")
    assert audited("index", "add", str(note)).code == 0
    with trail.open("ab") as handle:
        handle.write(b"rubbish\n")
    done = audited("index", "add", str(note), "--label", "hr", "--json")
    assert done.code == 5
    assert done.envelope["kind"] == "index_sync"
    assert "It was done, and could not be written into the audit trail" in done.err
    assert audited("index", "list", "--json").lines[0]["labels"] == ["hr"]


def test_entries_are_listed_newest_first_and_chosen(audited: Cli) -> None:
    done = audited("audit", "list")
    assert done.code == 0
    header, *rows = done.out.splitlines()
    assert header.split() == ["when", "(UTC)", "who", "(account)", "action", "what"]
    assert [row.split()[0] for row in rows] == ["4", "3", "2", "1"]
    assert len(audit_entries(audited, "-n", "1")) == 1
    assert len(audit_entries(audited, "--action", "config.dis")) == 2
    assert len(audit_entries(audited, "--since", "1h", "--who", "local")) == 4
    assert audit_entries(audited, "--who", "nobody") == []
    assert audited("audit", "list", "--since", "soon").code == 2


def test_a_sheet_has_a_row_for_each_entry_and_no_formula(audited: Cli, project: Path) -> None:
    config = {"COPILOT_PRINCIPAL__NAME": "=cmd|' /C calc'!A1"}
    assert audited("config", "trust", str(project), env=config).code == 0
    rows = list(csv.reader(io.StringIO(audited("audit", "export", "--format", "csv").out)))
    assert rows[0][:3] == ["seq", "at", "principal"]
    assert [row[0] for row in rows[1:]] == ["1", "2", "3", "4", "5"]
    assert rows[5][2] == "'=cmd|' /C calc'!A1"


def test_an_empty_trail_is_said_to_be_empty(cli: Cli) -> None:
    assert "no entries yet" in cli("audit", "list").err
    assert cli("audit", "verify").code == 0
    assert cli("audit", "export").code == 3
    assert cli("audit", "anchor").code == 3


def test_what_could_not_be_written_down_is_said_to_be_done_and_fails(
    audited: Cli, trail: Path, project: Path
) -> None:
    with trail.open("ab") as handle:
        handle.write(b"rubbish\n")
    done = audited("config", "trust", str(project), "--json")
    assert done.code == 5
    assert "It was done, and could not be written into the audit trail" in done.err
    assert done.envelope["kind"] == "error"


def test_a_damaged_line_reaches_no_terminal_raw(audited: Cli, trail: Path) -> None:
    with trail.open("ab") as handle:
        handle.write(b"\x1b]0;owned\x07\n")
    assert "\x1b" not in audited("audit", "verify").out
    assert "damaged" in audited("audit", "list").err
