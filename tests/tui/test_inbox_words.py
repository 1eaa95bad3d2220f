"""What the inbox says: states, ages, remedies, rulings, all of a proposal in full."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from copilot.calls.inbox import Ruled
from copilot.proposals import Decision, FieldChange, ProposalState, Receipt, Standing
from copilot.tui.inbox.words import (
    FILTERS,
    age_of,
    details_of,
    outcome_of,
    remedy,
    ruled_by,
    state_of,
    text_of,
    told_of,
)
from copilot.tui.items import fitted
from tests.tui.scenes.inbox import proposal, shown

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def test_each_state_has_a_word_of_its_own_and_stands_in_one_filter() -> None:
    assert len({state_of(one)[2:] for one in ProposalState}) == len(ProposalState)
    for state in ProposalState:
        holders = [name for name, states in FILTERS.items() if state in states]
        assert len(holders) == 2
        assert holders[-1] == "all"


@pytest.mark.parametrize(
    ("passed", "said"),
    [
        (timedelta(seconds=-5), "now"),
        (timedelta(seconds=59), "now"),
        (timedelta(seconds=119), "1 min"),
        (timedelta(hours=23, minutes=59), "23 h"),
        (timedelta(days=40), "40 d"),
    ],
)
def test_an_age_is_what_has_passed_whole(passed: timedelta, said: str) -> None:
    assert age_of((NOW - passed).isoformat(), NOW) == said


@pytest.mark.parametrize(
    ("hint", "said"),
    [
        ("copilot actions retry 12ab finds out what became of it", "r tries again"),
        ("it was never sent: copilot actions reject 12ab", "n rejects it."),
        ("copilot policy explain 12ab", "d says which rule decides."),
        ("set a key", "set a key"),
        ("copilot keys set jira", "copilot keys set jira"),
        ("", ""),
    ],
)
def test_a_remedy_is_what_one_does_here(hint: str, said: str) -> None:
    assert remedy(hint).startswith(said)
    assert bool(remedy(hint)) is bool(hint)


def test_what_became_of_it_names_entry_error_or_who_said_no() -> None:
    bare = Standing(proposal(), ProposalState.WAITING)
    assert outcome_of(bare) == ""
    receipt = Receipt("T-1", "https://desk.example/T-1")
    sent = replace(bare, state=ProposalState.SENT, receipt=receipt)
    assert outcome_of(sent) == "T-1 https://desk.example/T-1"
    assert told_of(sent) == "Sent to desk: T-1"
    failed = replace(bare, state=ProposalState.DEAD, error="refused", hint="ask them")
    assert outcome_of(failed) == "refused ask them"
    said = Decision("rejected", "person", "ana", NOW, "digest", reason="twice")
    rejected = replace(bare, state=ProposalState.REJECTED, decisions=(said,))
    assert outcome_of(rejected) == "by ana: twice"
    ruled = replace(said, by="policy", rule="never", reason="")
    assert outcome_of(replace(rejected, decisions=(ruled,))) == "by the rule never"


@pytest.mark.parametrize(
    ("ruled", "said"),
    [
        (Ruled("ask", "r", "because"), "Asked because: because"),
        (Ruled("two_persons", "r"), "Two persons have to agree: r"),
        (Ruled("allow", "r"), "The policy allows it: r"),
        (Ruled("deny", "r"), "The policy denies it: r"),
        (Ruled("", "", "line 3"), "The policy can't be read: line 3"),
    ],
)
def test_the_policys_word_has_its_reason_or_its_rule(ruled: Ruled, said: str) -> None:
    assert ruled_by(replace(shown(proposal()), ruled=ruled)) == said


def test_details_have_all_that_the_fields_leave_out() -> None:
    given = replace(proposal(), changes=(FieldChange("severity", "low", "a\nb"),), run_id="run-7")
    told = details_of(shown(given))
    for words in (
        "proposed by ana",
        "ask by the rule “the desk asks”",
        "1 person has to agree",
        "CREATE desk:ticket",
        "severity\n  - low\n  + a\n  + b",
        "read in the run run-7",
        given.id,
    ):
        assert words in told


def test_values_are_read_as_people_write_them() -> None:
    assert text_of(["a", "b"]) == "a, b"
    assert text_of([]) == text_of(None) == "(none)"
    assert text_of({"a": 1}) == '{"a": 1}'
    assert text_of(True) == "true"


def test_what_is_too_long_ends_in_a_mark_and_takes_no_more_cells() -> None:
    assert fitted("abc", 5) == "abc  "
    assert fitted("abcdef", 4) == "abc…"
    assert fitted("日本語日本語", 5) == "日本…"
    assert fitted("abc", 0) == ""
