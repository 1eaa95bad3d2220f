"""Commands while another program holds the ledger's database."""

from __future__ import annotations

from pathlib import Path

from copilot.config.paths import Paths
from tests.cli.conftest import Cli
from tests.integration.ledger_processes import start

QUESTION = "How long do I have to acknowledge a page?"


def test_while_a_client_holds_the_ledger_one_may_ask_look_and_rate(
    handbook: Cli, handbook_home: Path
) -> None:
    folder = Paths.from_environment({"COPILOT_HOME": str(handbook_home)}).ledger
    assert handbook("runs", "list").code == 0
    with start("hold", folder) as client:
        assert client.stdout is not None
        assert client.stdout.readline() == b"held\n"
        asked = handbook("ask", QUESTION, "--json")
        assert (asked.code, asked.envelope["status"], asked.err) == (0, "answered", "")
        run_id = asked.envelope["run_id"]
        rated = handbook("feedback", "good", "--json")
        assert (rated.code, rated.envelope["run_id"]) == (0, run_id)
        shown = handbook("runs", "show", run_id)
        assert "  good, local" in shown.out
        for done in (rated, shown):
            assert f"open in another program (PID {client.pid})" in done.err
            assert "\n  hint: nothing is lost" in done.err
        client.kill()
    shown = handbook("runs", "show", run_id)
    assert "  good, local" in shown.out
    assert shown.err == ""
