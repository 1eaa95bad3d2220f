"""What flags honour: those of a file, asked through OpenFeature, and those in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from copilot.adapters.flags import build_flags
from copilot.errors import InternalError
from copilot.events import RunStarted
from copilot.flags import Asker, Flags
from copilot.noting import noted_by
from copilot.records import FlagEvaluated, Record
from copilot.testing.memory_flags import MemoryFlags

ANN = Asker("ann", ("support",))
RUN = RunStarted("r1", "ask", "?", "c1", "ann", datetime(2026, 11, 22, tzinfo=UTC))
RULES = """\
[flags.cache]
otherwise = false
rules = [
  { principals = ["eve"], on = false },
  { groups = ["beta"] },
  { kinds = ["extract"], principals = ["bob"] },
]
"""
TWO = """\
[experiments.short]
unit = "conversation"
variants = { control = {}, b = { "answer.max_words" = 33 } }
"""


@dataclass(frozen=True)
class Case:
    """``say``: what holds from now on."""

    flags: Flags
    say: Callable[[str], object]


@pytest.fixture(params=["file", "memory"])
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Case:
    if request.param == "file":
        file = tmp_path / "flags.toml"
        return Case(build_flags(file, ANN), file.write_text)
    memory = MemoryFlags(ANN)
    return Case(memory, memory.say)


def test_of_which_nothing_is_said_is_on_and_not_recorded(case: Case) -> None:
    told: list[Record] = []
    with noted_by(told.append, RUN):
        assert case.flags.on("models")
    assert not told
    assert case.flags.switch("models").reason == "default"
    assert not case.flags.trials(ANN)


def test_what_is_said_holds_at_the_next_call(case: Case) -> None:
    for text, on in [("true ", True), ("false", False), ("true ", True)]:
        case.say(f"[flags]\nmodels = {text}\n")
        assert case.flags.on("models") is on


def test_a_flag_that_is_told_of_is_recorded_once_a_run(case: Case) -> None:
    case.say("flags = { models = false }")
    told: list[Record] = []
    with noted_by(told.append, RUN):
        assert [case.flags.on("models") for _ in range(3)] == [False] * 3
    assert told == [FlagEvaluated("models", "off", "static", "ann")]


@pytest.mark.parametrize(
    ("asker", "on", "rule"),
    [
        (Asker("eve", ("support",)), False, 1),
        (Asker("ann", ("support", "beta")), True, 2),
        (Asker("bob", (), "extract"), True, 3),
        (Asker("bob", (), "ask"), False, 0),
    ],
)
def test_the_first_rule_that_matches_decides(case: Case, asker: Asker, on: bool, rule: int) -> None:
    case.say(RULES)
    decision = case.flags.switch("cache", asker)
    assert (decision.on, decision.rule) == (on, rule)


def test_the_run_in_progress_is_who_asks(case: Case) -> None:
    case.say('[flags.cache]\notherwise = false\nrules = [{ kinds = ["ask"] }]\n')
    assert not case.flags.on("cache")
    with noted_by(lambda _: None, RUN):
        assert case.flags.on("cache")


def test_a_share_takes_the_same_units_of_both(case: Case) -> None:
    case.say("[flags.cache]\notherwise = false\nrules = [{ share = 0.5 }]\n")
    on = [n for n in range(12) if case.flags.switch("cache", Asker(f"user-{n}")).on]
    assert on == [0, 9, 10, 11]  # by hash: they would all move if that changed
    decision = case.flags.switch("cache", Asker(f"user-{on[0]}"))
    assert (decision.reason, decision.unit) == ("split", f"user-{on[0]}")
    assert decision.bucket is not None
    assert decision.buckets == (0, 5_000)


def test_a_conversation_sticks_to_its_variant_and_one_without_takes_no_part(case: Case) -> None:
    case.say(TWO)
    found = {
        name: [case.flags.trials(Asker("ann", conversation=name))[0][1].variant for _ in range(2)]
        for name in (f"talk-{n}" for n in range(20))
    }
    assert all(len(set(one)) == 1 for one in found.values())
    assert {one[0] for one in found.values()} == {"control", "b"}
    assert not case.flags.trials(ANN)
    case.say(TWO + "[flags]\nexperiments = false\n")
    assert not case.flags.trials(Asker("ann", conversation="talk-1"))


def test_an_experiment_with_records_is_for_readings_alone_and_sticks_to_the_principal(
    case: Case,
) -> None:
    case.say(TWO.replace("answer.max_words", "extraction.token_budget").replace("33", "999"))
    assert not case.flags.trials(Asker("ann", (), "ask", "talk-1"))
    found = [case.flags.trials(Asker(f"user-{n}", (), "extract")) for n in range(20)]
    assert {one[0][1].variant for one in found} == {"control", "b"}
    assert found[7][0][1].unit == "user-7"
    case.say(TWO)
    assert not case.flags.trials(Asker("ann", (), "extract"))


def test_where_experiments_are_switched_off_everybody_gets_control(case: Case) -> None:
    case.say("[flags]\nexperiments = false\n" + TWO)
    [experiment] = case.flags.file().experiments.values()
    for n in range(20):
        told = case.flags.variant(experiment, Asker("ann", conversation=f"talk-{n}"))
        assert (told.variant, told.reason) == ("control", "disabled")
        assert told.why == "the switch experiments is off"


def test_who_takes_no_part_is_told_which_bucket_and_share(case: Case) -> None:
    case.say(TWO.replace("unit =", 'share = 0.25\ngroups = ["beta"]\nunit ='))
    [experiment] = case.flags.file().experiments.values()
    told = {
        case.flags.variant(experiment, Asker("a", ("beta",), "", f"t{n}")).why for n in range(9)
    }
    left = [why for why in told if why.startswith("takes no part: in bucket ")]
    assert left
    assert all(
        why.endswith("at a share of 25.00% those from 0 to 2499 of 10000 do") for why in left
    )
    other = case.flags.variant(experiment, Asker("a", (), "", "t1"))
    assert other.why == "takes no part: not whom it is for"


def test_what_is_wrong_is_off_and_told(case: Case) -> None:
    case.say('[flags]\nmodels = "no"\ncache = false\n')
    assert case.flags.switch("models").reason == "error"
    assert not case.flags.on("models")
    assert len(case.flags.file().troubles) == 1
    assert not case.flags.file().switch("cache").on
    case.say("[flags\n")
    assert not case.flags.on("cache")
    assert not case.flags.file().readable


def test_whoever_asks_for_no_flag_has_a_bug(case: Case) -> None:
    with pytest.raises(InternalError, match="modls is no flag"):
        case.flags.on("modls")
