"""``copilot doctor`` from outside, on machines where more and more is broken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Cli, Finished, run_cli

CHECKS = {
    "Python",
    "packages",
    "home",
    "configuration",
    "embedding weights",
    "index",
    "ledger",
    "audit trail",
    "proposals",
    "flags",
    "budgets",
    "prompts",
    "release",
    "keys",
    "chat model",
    "terminal",
}
NO_KEYRING = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}


def findings(done: Finished) -> dict[str, dict[str, Any]]:
    """The worst finding of each check."""
    order = {"ok": 0, "skipped": 1, "warning": 2, "problem": 3}
    worst: dict[str, dict[str, Any]] = {}
    for finding in done.envelope["findings"]:
        known = worst.get(finding["check"])
        if known is None or order[finding["status"]] > order[known["status"]]:
            worst[finding["check"]] = finding
    assert set(worst) == CHECKS
    assert "Traceback" not in done.err
    for finding in worst.values():
        assert finding["status"] in ("ok", "skipped") or finding["fix"]
    return worst


def test_a_fresh_home_lacks_only_documents(cli: Cli, tmp_path: Path) -> None:
    done = cli("doctor", "--json")
    found = findings(done)
    assert done.code == 5
    assert [f["check"] for f in found.values() if f["status"] == "problem"] == ["index"]
    assert found["index"]["fix"] == "copilot index add PATH"
    assert not (tmp_path / "home").exists(), "looking must not create"


def test_with_documents_all_is_well(handbook: Cli) -> None:
    done = handbook("doctor", "--json")
    assert done.code == 0, done.out
    assert done.envelope["ok"] is True
    assert "passages" in findings(done)["index"]["detail"]
    assert handbook("doctor").out.endswith("Ready to answer.\n")


def test_a_broken_configuration_hides_nothing_else(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home/config.toml").write_text("[search]\nlimt = 1\n[output\n")
    done = cli("doctor", "--json")
    assert done.code == 2
    assert "config.toml:3" in findings(done)["configuration"]["detail"]


def test_a_damaged_index_is_named_with_its_remedy(cli: Cli, tmp_path: Path) -> None:
    note = tmp_path / "note.md"
    note.write_text("# Printer\n\nThe printer is in room 12.\n")
    assert cli("index", "add", str(note)).code == 0
    for file in (tmp_path / "home/index").rglob("*"):
        if file.is_file():
            file.write_bytes(b"\x00damaged")
    done = cli("doctor", "--json")
    assert done.code == 5
    found = findings(done)
    assert found["index"]["status"] == "problem"
    assert found["embedding weights"]["status"] == "ok"


def test_another_embedder_than_the_index_has_is_named_with_the_rebuild(
    handbook_home: Path,
) -> None:
    env = {"COPILOT_EMBEDDING__MODEL": "somebody/another-model"}
    done = run_cli("doctor", "--json", home=handbook_home, env=env)
    assert done.code == 5
    index = findings(done)["index"]
    assert "somebody/another-model is configured" in index["detail"]
    assert index["fix"] == "copilot index rebuild"


def test_a_home_below_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run_cli("doctor", "--json", home=tmp_path / "file/home")
    assert done.code == 2
    found = findings(done)["home"]
    assert "is not a folder" in found["detail"]
    assert "COPILOT_HOME=" in found["fix"]


def test_a_home_that_no_one_can_create_is_a_problem_with_a_remedy() -> None:
    # Nobody, the superuser included, may make a folder in /proc.
    done = run_cli("doctor", "--json", home=Path("/proc/copilot/home"))
    found = findings(done)
    assert done.code == 2
    assert found["home"]["status"] == "problem"
    assert "COPILOT_HOME=" in found["home"]["fix"]
    assert found["embedding weights"]["status"] == "ok"


def test_looking_at_a_home_that_is_not_there_does_not_create_it(tmp_path: Path) -> None:
    home = tmp_path / "not" / "yet"
    done = run_cli("doctor", "--json", home=home)
    assert findings(done)["home"]["status"] == "ok"
    assert done.code == 5  # all that is missing is documents
    assert not home.parent.exists()


def test_the_audit_trail_is_glanced_at_and_a_cut_tail_names_the_command_that_reads_it_all(
    cli: Cli, tmp_path: Path
) -> None:
    project = tmp_path / ".copilot.toml"
    project.write_text("[search]\nlimit = 5\n")
    assert cli("config", "trust", str(project)).code == 0
    assert cli("config", "trust", "--remove", str(project)).code == 0
    found = findings(cli("doctor", "--json"))["audit trail"]
    assert found["status"] == "ok"
    assert found["detail"].startswith("2 entries, the last ")
    trail = tmp_path / "home" / "ledger" / "audit.jsonl"
    trail.write_bytes(trail.read_bytes().splitlines(keepends=True)[0])
    done = cli("doctor", "--json")
    found = findings(done)["audit trail"]
    assert done.code == 5  # for want of documents: the trail keeps no question from being answered
    assert (found["status"], found["fix"]) == ("warning", "copilot audit verify")
    assert found["detail"] == "2 entries were anchored, and 1 are there"


def test_a_chat_model_without_its_key_names_the_command(cli: Cli) -> None:
    env = {**NO_KEYRING, "COPILOT_MODELS__ANSWER": "openai/gpt-5-mini"}
    found = findings(cli("doctor", "--json", env=env))
    assert found["keys"]["status"] == "problem"
    assert "copilot keys set openai --store file" in found["keys"]["fix"]
    assert "COPILOT_KEY_OPENAI" in found["keys"]["fix"]
    assert found["chat model"]["status"] == "skipped"

    with_key = findings(cli("doctor", "--json", env={**env, "OPENAI_API_KEY": "sk-x"}))
    assert with_key["keys"]["status"] == "ok"


@pytest.mark.slow
def test_an_unreachable_chat_model_is_named_when_asked_for(cli: Cli) -> None:
    env = {
        "COPILOT_MODELS__ANSWER": "openai/local",
        "COPILOT_MODELS__API_BASE": "http://127.0.0.1:9/v1",
        "COPILOT_MODELS__CONNECT_TIMEOUT_S": "2",
    }
    found = findings(cli("doctor", "--json", "--online", env=env))
    assert found["chat model"]["status"] == "problem"


def test_a_terminal_that_is_not_utf8_is_named(cli: Cli) -> None:
    found = findings(cli("doctor", "--json", env={"PYTHONIOENCODING": "latin-1"}))
    assert "UTF-8" in found["terminal"]["detail"]
    assert found["terminal"]["status"] == "warning"
