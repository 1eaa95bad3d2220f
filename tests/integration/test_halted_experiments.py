"""Experiments that do harm are halted from what the ledger holds, and then serve no variant."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from copilot.bootstrap import Copilot
from copilot.calls import Ask, Reply
from copilot.config.paths import Paths
from copilot.config.schema import AlertSettings, Settings
from copilot.errors import KnowledgeIndexError
from copilot.events import Event, RunStarted, Warned
from copilot.flags import Asker
from copilot.flags.deciding import assign
from copilot.messages import Status
from copilot.operations.flagging import change, halt_in_passing, halt_worse, tell_halted
from copilot.operations.shadowing import chosen
from copilot.records import FlagEvaluated
from copilot.serving.handling import asking
from copilot.serving.handling.core import Core
from copilot.testing.run_events import quoted_run
from tests.integration.ledger_processes import start

FILE = """\
# ours
[experiments.short]
unit = "conversation"
variants = { control = {}, b = { "answer.max_words" = 33 } } # a try
"""


@pytest.fixture
def copilot(tmp_path: Path) -> Iterator[Copilot]:
    paths = Paths.from_environment({"COPILOT_HOME": str(tmp_path / "home")}, cwd=tmp_path)
    paths.config.mkdir()
    paths.flags_file.write_text(FILE)
    yield Copilot(Settings(), paths)


def tried(copilot: Copilot, *, talks: int, failing: str = "") -> None:
    """Runs of so many conversations; those of the variant ``failing`` are degraded."""
    [experiment] = copilot.flags.file().experiments.values()
    group = copilot.run_group
    for n in range(talks):
        talk = f"talk-{n}"
        variant = assign(experiment, Asker("local", conversation=talk)).variant
        status = Status.DEGRADED if variant == failing else Status.ANSWERED
        run_id = f"ask-{n}"
        for event in _of(talk, quoted_run(run_id, status=status, question=f"{n}?")):
            group.append(run_id, event)
            if isinstance(event, RunStarted):
                group.append(run_id, FlagEvaluated("short", variant, "split", "local"))
    group.commit()
    group.close()


def _of(talk: str, events: list[Event]) -> Iterator[Event]:
    for event in events:
        yield replace(event, conversation=talk) if isinstance(event, RunStarted) else event


def test_a_variant_that_fails_is_halted_audited_and_served_no_more(copilot: Copilot) -> None:
    tried(copilot, talks=80, failing="b")
    before = {
        assign(one, Asker("x", conversation=f"talk-{n}")).variant
        for one in copilot.flags.file().experiments.values()
        for n in range(80)
    }
    assert before == {"control", "b"}
    [halted] = halt_worse(copilot)
    assert halted.experiment == "short"
    assert "b: 100.0% of its runs failed, 0.0% of control's" in halted.why
    for n in range(80):
        assert not copilot.flags.trials(Asker("local", conversation=f"talk-{n}"))
    [entry] = [line.sealed.entry for line in copilot.audit_trail.newest_first() if line.sealed]
    assert (entry.action, entry.subject) == ("flags.halt", "short")
    assert entry.detail == {"before": "running", "after": "halted", "reason": halted.why}
    text = copilot.paths.flags_file.read_text()
    assert "# ours" in text
    assert "# a try" in text
    assert copilot.flags.file().experiments["short"].reason == halted.why
    assert halt_worse(copilot) == []  # nothing is left to be halted


def test_who_gets_alerts_is_told_once_of_what_was_halted_in_passing(copilot: Copilot) -> None:
    told = copilot.paths.data / "told"
    script = "import sys; open(sys.argv[1], 'a').write(sys.stdin.read() + chr(10))"
    command = (sys.executable, "-c", script, str(told))
    settings = Settings(alerts=AlertSettings(command=command))
    copilot = Copilot(settings, copilot.paths)
    tried(copilot, talks=80, failing="b")
    [halted] = halt_in_passing(copilot)
    notice = json.loads(told.read_text())
    assert (notice["kind"], notice["experiment"]) == ("experiment_halted", "short")
    assert notice["text"] == f"the experiment short is halted: {halted.why}"
    assert not tell_halted(copilot).told
    change(copilot, "short", "running", reason="again")
    assert not tell_halted(copilot).told
    change(copilot, "short", "halted", reason="by hand")
    assert len(tell_halted(copilot).told) == 1
    assert "by hand" in told.read_text()


def test_one_that_is_halted_though_the_trail_can_t_be_written_is_told_with_that(
    copilot: Copilot, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried(copilot, talks=80, failing="b")
    copilot.paths.audit.mkdir(parents=True)
    [halted] = halt_in_passing(copilot)
    assert copilot.flags.file().experiments["short"].state == "halted"
    assert "could not be written into the audit trail" in halted.notices[0].message
    change_back = copilot.paths.flags_file.read_text().replace('"halted"', '"running"')
    copilot.paths.flags_file.write_text(change_back)
    copilot.paths.guards_file.unlink()
    monkeypatch.setenv("COPILOT_HOME", str(copilot.paths.data))
    core = Core()
    asking.halt(core, copilot)
    assert [one.message[:25] for one in core.told()] == [
        "the experiment short is h",
        "It was done, and could no",
    ]


async def test_the_chat_says_in_the_next_turn_what_was_halted_once(
    copilot: Copilot, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried(copilot, talks=80, failing="b")
    monkeypatch.setenv("COPILOT_HOME", str(copilot.paths.data))
    core = Core()
    asking.halt(core, copilot)
    assert [one.message.split(":")[0] for one in await _warned(core)] == [
        "the experiment short is halted"
    ]
    assert await _warned(core) == []


async def _warned(core: Core) -> list[Warned]:
    """What a turn warns of, which there is no index for."""
    found: list[Event | Reply] = []
    with pytest.raises(KnowledgeIndexError):
        async for event in asking.HANDLERS[Ask](core, Ask("How long?", "talk")):
            found.append(event)  # noqa: PERF401 (what came before it failed is wanted)
    return [one for one in found if isinstance(one, Warned)]


def test_who_could_not_be_told_is_told_by_the_next_check(copilot: Copilot) -> None:
    failing = Copilot(Settings(alerts=AlertSettings(command=("false",))), copilot.paths)
    tried(failing, talks=80, failing="b")
    assert halt_in_passing(failing)
    works = Copilot(Settings(alerts=AlertSettings(command=("true",))), copilot.paths)
    assert not tell_halted(failing).told
    assert len(tell_halted(works).told) == 1


def test_one_that_does_no_harm_goes_on_and_is_looked_at_once_in_ten_minutes(
    copilot: Copilot,
) -> None:
    tried(copilot, talks=40)
    assert halt_in_passing(copilot) == []
    looked = copilot.paths.guards_file.stat().st_mtime_ns
    assert halt_in_passing(copilot) == []
    assert copilot.paths.guards_file.stat().st_mtime_ns == looked
    past = (datetime.now(UTC) - timedelta(minutes=11)).timestamp()
    os.utime(copilot.paths.guards_file, (past, past))
    halt_in_passing(copilot)
    assert copilot.paths.guards_file.stat().st_mtime > past + 600
    assert copilot.flags.file().experiments["short"].state == "running"


def test_a_ledger_that_somebody_else_has_is_left_to_the_next_look(copilot: Copilot) -> None:
    tried(copilot, talks=80, failing="b")
    copilot.run_reader.standing()
    with start("hold", copilot.paths.ledger) as client:
        assert client.stdout is not None
        assert client.stdout.readline() == b"held\n"
        assert halt_in_passing(copilot) == []
        assert not copilot.paths.guards_file.exists()
        client.kill()
    assert [one.experiment for one in halt_in_passing(copilot)] == ["short"]


def test_without_an_experiment_that_runs_nothing_is_looked_at(copilot: Copilot) -> None:
    copilot.paths.flags_file.write_text(FILE.replace("unit =", 'state = "done"\nunit ='))
    assert halt_in_passing(copilot) == []
    assert not copilot.paths.guards_file.exists()
    assert not copilot.paths.ledger.exists()


def test_questions_are_shadowed_once_each_and_a_share_of_them_sticks(copilot: Copilot) -> None:
    tried(copilot, talks=60)
    [experiment] = copilot.flags.file().experiments.values()

    def ids(share: float) -> set[str]:
        found = chosen(copilot, experiment, runs=100, share=share, since=None)
        return {one.id for one in found}

    assert len(ids(1.0)) == 60
    assert ids(0.2) <= ids(0.5) <= ids(1.0)
    assert 0 < len(ids(0.2)) < 40
    for variant in ("control", "b"):
        assert len(ids(1.0)) == 60
        writer, run_id = copilot.run_writer, f"shadow-{variant}"
        for event in quoted_run(run_id, kind="shadow", question="7?"):
            writer.append(run_id, event)
        writer.append(run_id, FlagEvaluated("short", variant, "split", "local"))
        writer.close()
    assert ids(1.0) == {f"ask-{n}" for n in range(60)} - {"ask-7"}
    seen = copilot.trial_reader.tried("short", unit="conversation")
    assert len(seen) == 60  # what nobody saw isn't counted
