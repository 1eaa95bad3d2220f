"""``copilot feedback``: what it takes, what it refuses, and where it is seen again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from copilot.adapters.ledger.spool import SpoolRunWriter
from copilot.config.paths import Paths
from copilot.testing.run_events import quoted_run
from tests.cli.conftest import Cli, run_cli

OLD, NEW = "019a0000-0001-7000-8000-000000000001", "019a0000-0002-7000-8000-000000000002"
SEARCH = "019a0000-0003-7000-8000-000000000003"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with two asks and, after them, a search."""
    home = tmp_path / "home"
    writer = SpoolRunWriter(Paths.from_environment({"COPILOT_HOME": str(home)}).ledger, bodies=True)
    now = datetime.now(UTC)
    for run_id, age, kind in ((OLD, 3, "ask"), (NEW, 2, "ask"), (SEARCH, 1, "search")):
        started = now - timedelta(hours=age)
        for event in quoted_run(run_id, started_at=started, kind=kind):  # type: ignore[arg-type]
            writer.append(run_id, event)
    writer.close()
    return home


@pytest.fixture
def copilot(home: Path) -> Cli:
    def run(*arguments: str, **options: object) -> object:
        return run_cli(*arguments, home=home, **options)  # type: ignore[arg-type]

    return run  # type: ignore[return-value]


def test_the_last_ask_is_rated_and_shows_it(copilot: Cli) -> None:
    done = copilot("feedback", "bad", "--comment", "Too old.\x1b[31m", "--tag", "Stale")
    assert (done.code, done.err) == (0, "")
    assert done.out == f"bad: run {NEW[:13]}: How do I restart the gateway?\n"
    assert copilot("feedback", "good", "--correct", "-", stdin="At nine.\nOr ten.\n").code == 0
    shown = copilot("runs", "show", NEW).out
    head, _, told = shown.partition("\nFeedback\n")
    assert head
    assert told.partition("\n\n")[0].splitlines() == [
        "  bad, local [stale]: Too old.",
        "  good, local",
        "    should have been:",
        "    At nine.",
        "    Or ten.",
    ]
    assert "Feedback" not in copilot("runs", "show", OLD).out


def test_a_run_is_rated_by_the_beginning_of_its_id_and_told_as_json(copilot: Cli) -> None:
    given = copilot("feedback", "GOOD", OLD[:13], "--tag", "a", "--tag", "b-1", "--json")
    assert given.envelope == {
        "schema_version": 1,
        "kind": "feedback",
        "run_id": OLD,
        "rating": "good",
        "tags": ["a", "b-1"],
        "comment": "",
        "correction": "",
    }
    [told] = copilot("runs", "show", OLD[:13], "--json").envelope["run"]["feedback"]
    assert (told["rating"], told["tags"], told["principal"]) == ("good", ["a", "b-1"], "local")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["so-so"], 2, "no rating"),
        (["good", "--tag", "two words"], 2, "no tag"),
        (["good", "--tag", ""], 2, "no tag"),
        (["good", "--correct", "-"], 2, "corrected answer is empty"),
        (["good", "zzz"], 3, "there is no run zzz"),
        (["good", "019a"], 2, "several runs"),
    ],
)
def test_what_can_not_be_taken_is_said_and_nothing_is_recorded(
    copilot: Cli, arguments: list[str], code: int, says: str
) -> None:
    done = copilot("feedback", *arguments, "--json")
    assert done.code == code
    assert says in done.envelope["error"]["message"]
    assert copilot("runs", "show", NEW, "--json").envelope["run"]["feedback"] == []


def test_a_run_from_before_the_clock_was_set_back_is_said_to_count_as_the_last(
    copilot: Cli, home: Path
) -> None:
    ahead = "019a0000-0004-7000-8000-000000000004"
    writer = SpoolRunWriter(Paths.from_environment({"COPILOT_HOME": str(home)}).ledger, bodies=True)
    for event in quoted_run(ahead, started_at=datetime.now(UTC) + timedelta(days=2)):
        writer.append(ahead, event)
    writer.close()
    for command in (["runs", "list"], ["runs", "show"], ["feedback", "good"]):
        done = copilot(*command)
        assert done.code == 0
        assert f"{ahead}, counts as the last run" in done.err
    assert copilot("feedback", "good", NEW).err == copilot("runs", "show", NEW).err == ""


def test_there_must_be_something_to_rate(cli: Cli) -> None:
    done = cli("feedback", "good")
    assert (done.code, done.out) == (3, "")
    assert "nothing was asked yet" in done.err


def test_a_ledger_that_is_off_takes_no_feedback_and_says_so(copilot: Cli) -> None:
    done = copilot("feedback", "good", env={"COPILOT_LEDGER__ENABLED": "false"})
    assert done.code == 2
    assert "switched off" in done.err


def test_without_bodies_the_rating_is_kept_and_its_words_are_not(copilot: Cli, home: Path) -> None:
    done = copilot(
        "feedback", "bad", "--comment", "unheard-of", env={"COPILOT_LEDGER__BODIES": "false"}
    )
    assert done.code == 0
    assert "aren't kept" in done.err
    [told] = copilot("runs", "show", NEW, "--json").envelope["run"]["feedback"]
    assert (told["rating"], told["comment"]) == ("bad", None)
    for path in home.rglob("*"):
        assert path.is_dir() or b"unheard-of" not in path.read_bytes()
