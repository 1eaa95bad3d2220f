"""``copilot alerts``: rules from the configuration, and exit codes that a scheduler acts on."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from copilot.adapters.ledger.spool import SpoolRunWriter
from copilot.config.paths import Paths
from copilot.testing.run_events import written_run
from tests.cli.conftest import Cli, Finished, run_cli
from tests.otlp_receiver import OtlpReceiver, Reply

NOW = datetime.now(UTC)
RULES = """
[alerts.rules.cost-surge]
figure = "cost"
above = 2.0
window = "1h"

[alerts.rules.slow]
figure = "latency_p95"
above = 30
window = "1d"
least_runs = 1
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home in which a run of half an hour ago cost three dollars."""
    writer = SpoolRunWriter(
        Paths.from_environment({"COPILOT_HOME": str(tmp_path)}).ledger, bodies=True
    )
    started_at = NOW - timedelta(minutes=30)
    for event in written_run("run-1", cost_microusd=3_000_000, started_at=started_at):
        writer.append("run-1", event)
    writer.close()
    return tmp_path


@pytest.fixture
def copilot(home: Path) -> Cli:
    def run(*arguments: str, config: str = RULES, **env: str) -> Finished:
        (home / "config.toml").write_text(config, encoding="utf-8")
        return run_cli(*arguments, home=home, env=env)

    return run


def test_rules_are_listed(copilot: Cli) -> None:
    done = copilot("alerts", "list")
    assert done.code == 0, done.err
    assert [line.split() for line in done.out.splitlines()] == [
        ["rule", "figure", "fires", "window", "least", "runs"],
        ["cost-surge", "cost", "above", "$2.00", "1h", "20"],
        ["slow", "latency_p95", "above", "30.0", "s", "1d", "1"],
    ]
    rule = copilot("alerts", "list", "--json").lines[0]
    assert (rule["kind"], rule["rule"], rule["above"]) == ("alert_rule", "cost-surge", 2.0)


def test_a_firing_rule_exits_with_8_and_a_quiet_one_with_0(copilot: Cli) -> None:
    done = copilot("alerts", "check")
    assert done.code == 8, done.err
    assert [line.split()[:4] for line in done.out.splitlines()[1:]] == [
        ["cost-surge", "firing", "cost", "$3.00"],
        ["slow", "ok", "latency_p95", "1.0"],
    ]
    done = copilot("alerts", "check", "--json", config=RULES.replace("2.0", "3.0"))
    assert done.code == 0
    assert (done.envelope["kind"], done.envelope["firing"]) == ("alert_check", [])
    assert [finding["state"] for finding in done.envelope["findings"]] == ["ok", "ok"]


def test_what_the_ledger_sets_aside_is_said_however_many_rules_look(
    copilot: Cli, home: Path
) -> None:
    spool = Paths.from_environment({"COPILOT_HOME": str(home)}).ledger / "spool"
    (spool / "torn.jsonl").write_bytes(b"no record\n")
    drift = '[alerts.rules.drift]\nfigure = "query_drift"\nabove = 0.2\n'
    assert copilot("alerts", "check", config=RULES + drift).err.count("set aside") == 1


def test_a_webhook_that_refuses_an_alert_exits_with_6(copilot: Cli) -> None:
    with OtlpReceiver() as receiver:
        hook = f'[alerts]\nwebhook = "{receiver.url}/hook"\n'
        # The receiver takes OTLP alone; what it answers to anything else is its own affair.
        done = copilot("alerts", "check", "--json", config=hook + RULES)
        assert done.code == 6
        assert done.envelope["failures"] == [f"{receiver.url}/hook answered 400"]
        assert json.loads(receiver.seen[0].body)["rule"] == "cost-surge"


def test_the_command_is_told_once_and_again_when_it_ends(copilot: Cli, tmp_path: Path) -> None:
    log = tmp_path / "pager.log"
    code = "import sys; open(sys.argv[1], 'a').write(sys.stdin.read())"
    command = json.dumps([sys.executable, "-c", code, str(log)])
    told = f"[alerts]\ncommand = {command}\n{RULES}"
    for config, expected in (
        (told, 8),
        (told, 8),
        (told.replace("2.0", "4.0"), 0),
        (told.replace("2.0", "4.0"), 0),
    ):
        assert copilot("alerts", "check", config=config).code == expected
    notices = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert [notice["state"] for notice in notices] == ["firing", "resolved"]
    assert notices[0]["text"] == (
        "copilot alert firing: cost-surge: cost is $3.00, above $2.00 (last 1h)"
    )


def test_a_dry_run_tells_nobody(copilot: Cli) -> None:
    with OtlpReceiver() as receiver:
        hook = f'[alerts]\nwebhook = "{receiver.url}/hook"\n'
        done = copilot("alerts", "check", "--dry-run", config=hook + RULES)
        assert done.code == 8, done.err
        assert receiver.seen == []


def test_the_address_may_be_a_stored_key_and_is_then_not_shown(copilot: Cli) -> None:
    with OtlpReceiver(Reply(status=500)) as receiver:
        config = f'[alerts]\nwebhook_key = "pager"\n{RULES}'
        keyed = {"COPILOT_KEY_PAGER": f"{receiver.url}/hush"}
        done = copilot("alerts", "check", config=config, **keyed)
        assert len(receiver.seen) == 1
        missing = copilot("alerts", "check", config=config)
    assert done.code == 6
    assert "the webhook answered 500" in done.err
    assert "hush" not in done.err + done.out
    assert missing.code == 2
    assert "copilot keys set pager" in missing.err


def test_without_rules_it_says_how_to_set_one(copilot: Cli) -> None:
    for command in ("check", "list"):
        done = copilot("alerts", command, config="")
        assert (done.code, done.out) == (0, "")
        assert "[alerts.rules.NAME]" in done.err


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ('figure = "x"\nabove = 1', "x.figure must be one of runs, cost, cost_per_success"),
        ('figure = "costs"\nabove = 1', "Did you mean cost?"),
        ('figure = "cost"', "needs either above or below"),
        ('figure = "cost"\nabove = 1\nbelow = 1', "needs either above or below"),
        ('figure = "cost"\nabove = 1\nwindow = "soon"', "must be a period such as 30m"),
        ('figure = "cost"\nabove = "much"', "must be a number"),
        ('figure = "cost"\nabove = 1\nwidow = "1h"', "Did you mean window?"),
        ("above = 1", "alerts.rules.x.figure is missing"),
    ],
)
def test_a_wrong_rule_is_named(copilot: Cli, rule: str, said: str) -> None:
    done = copilot("alerts", "check", config=f"[alerts.rules.x]\n{rule}\n")
    assert done.code == 2
    assert said in done.err
    assert done.err.count("alerts.rules.x") == 1
