"""Which rule decides, and why the others don't."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from copilot.actions.policy import NO_RULE, Policy, evaluate
from copilot.actions.policy_checking import Known, flaws_of, run_cases
from copilot.actions.policy_file import load, read
from copilot.config.paths import bundled
from copilot.errors import ConfigError
from copilot.extracted import Evidence, FieldValue, Json
from copilot.proposals import Proposal, SinkEntry, SinkWrite, Taint
from tests.proposed import proposal

KNOWN = Known(
    {"desk", "jira"},
    {"ticket": {"title", "severity"}, "crm_deal": {"amount", "close_date"}, "meeting": {"who[]"}},
)


def policy(text: str) -> Policy:
    found, flaws = read(text, place="policy.toml")
    assert not flaws
    return found


def proposed(values: dict[str, Json] | None = None, **given: Any) -> Proposal:
    fields = {
        name: FieldValue(value, Evidence(str(value), 0, 1), 0.9)
        for name, value in (values or {"title": "Export fails"}).items()
    }
    operation = given.pop("operation", "create")
    chosen: dict[str, Any] = {
        "taint": Taint(),
        "duplicates": (),
        "write": SinkWrite(operation, "ticket", {}, "key"),
        **given,
    }
    return proposal(fields=fields, **chosen)


def ruled(text: str, given: Proposal) -> str:
    return evaluate(policy(text), given).ruling


def test_without_a_rule_that_matches_everything_is_denied() -> None:
    verdict = evaluate(Policy(), proposed())
    assert (verdict.ruling, verdict.rule) == ("deny", NO_RULE)
    assert verdict.persons is None


def test_the_first_rule_that_matches_decides_and_says_why_the_others_did_not() -> None:
    rules = """
[[rule]]
name = "others"
sink = "jira"
decision = "deny"
[[rule]]
name = "mine"
sink = ["desk", "mem*"]
decision = "ask"
reason = "because"
[[rule]]
name = "late"
decision = "allow"
"""
    verdict = evaluate(policy(rules), proposed())
    assert (verdict.ruling, verdict.rule, verdict.reason) == ("ask", "mine", "because")
    assert verdict.passed_over == (("others", "sink is memory, not jira"),)


@pytest.mark.parametrize(
    ("condition", "meets", "fails"),
    [
        ('schema = "tick*"', {}, {"schema": "meeting"}),
        ('operation = ["update", "comment"]', {"operation": "comment"}, {}),
        ('principal = "ada"', {}, {"principal": "bob"}),
        ('groups = ["support", "sales"]', {"groups": ("x", "sales")}, {"groups": ()}),
        ('groups = "*"', {"groups": ("x",)}, {"groups": ()}),
        ('tainted_by = ["model"]', {"taint": Taint(model=True)}, {"taint": Taint(unproven=True)}),
        ('untainted_by = ["model"]', {}, {"taint": Taint(model=True)}),
        ("min_confidence = 0.9", {}, {"values": {}}),
        ("similar = false", {}, {"duplicates": (SinkEntry("ticket", "1", {}),)}),
        ("similar = false", {}, {"searched": False}),
        ("similar = true", {"duplicates": (SinkEntry("ticket", "1", {}),)}, {}),
    ],
)
def test_a_condition_lets_pass_what_meets_it_and_nothing_else(
    condition: str, meets: dict[str, Any], fails: dict[str, Any]
) -> None:
    rules = f'[[rule]]\nname = "r"\n{condition}\ndecision = "allow"\n'
    if "values" in fails:
        unsure = replace(proposed(), fields={"title": FieldValue("x", None, 0.89)})
        assert ruled(rules, unsure) == "deny"
    else:
        assert ruled(rules, proposed(**fails)) == "deny"
    assert ruled(rules, proposed(**meets)) == "allow"


@pytest.mark.parametrize(
    ("condition", "meets", "fails"),
    [
        ("{ max = 1000 }", 1000, 1000.5),
        ("{ min = 10, max = 1000 }", 10, 9),
        ("{ min = 2026-01-01 }", "2026-01-01T08:00", "2025-12-31"),
        ('{ one_of = ["low", "normal"] }', "low", "Low"),
        ("{ one_of = [1] }", 1, True),
        (r'{ regex = ".*@acme\\.example" }', "a@acme.example", "a@acme.example.evil"),
        ("{ evidence = true, min_confidence = 0.9 }", "x", None),
    ],
)
def test_a_fields_condition_is_met_by_its_values_alone(
    condition: str, meets: Json, fails: Json
) -> None:
    rules = f'[[rule]]\nname = "r"\nfields.amount = {condition}\ndecision = "allow"\n'
    assert ruled(rules, proposed({"amount": meets})) == "allow"
    assert ruled(rules, proposed({"amount": fails})) == "deny"
    assert ruled(rules, proposed({"other": meets})) == "deny"


def test_a_rule_that_allows_must_be_met_by_every_value_and_one_that_denies_by_any() -> None:
    values: dict[str, Json] = {"who[0].mail": "a@x.example", "who[1].mail": "b@evil.example"}
    pattern = r"{ regex = '.*@x\.example' }"
    allows = f'[[rule]]\nname = "r"\nfields."who[].mail" = {pattern}\ndecision = "allow"\n'
    assert ruled(allows, proposed(values)) == "deny"
    denies = allows.replace("allow", "deny") + '[[rule]]\nname = "s"\ndecision = "allow"\n'
    assert evaluate(policy(denies), proposed(values)).rule == "r"
    assert evaluate(policy(denies), proposed({"who[0].mail": "c@y.example"})).rule == "s"


def test_what_cannot_be_judged_never_helps() -> None:
    for doubtful in ("5", "x" * 3_000, [5]):
        given = proposed({"amount": doubtful})
        bounded = '[[rule]]\nname = "r"\nfields.amount = { min = 1 }\ndecision = "{}"\n'
        then = '[[rule]]\nname = "s"\ndecision = "allow"\n'
        assert ruled(bounded.replace("{}", "allow"), given) == "deny"
        assert ruled(bounded.replace("{}", "deny") + then, given) == "deny"


@pytest.mark.parametrize("taint", [Taint(injection=True), Taint(edited=True)])
def test_what_is_suspicious_or_edited_needs_a_person_whatever_the_rule(taint: Taint) -> None:
    rules = '[[rule]]\nname = "all"\ndecision = "allow"\n'
    verdict = evaluate(policy(rules), proposed(taint=taint))
    assert (verdict.ruling, verdict.persons) == ("ask", 1)
    two = evaluate(policy(rules.replace("allow", "two_persons")), proposed(taint=taint))
    assert two.persons == 2


def test_the_policy_that_ships_asks_for_the_desk_denies_the_rest_and_passes_its_own_tests() -> None:
    shipped = load(bundled("policy.toml"))
    assert evaluate(shipped, proposed(sink="desk")).ruling == "ask"
    assert evaluate(shipped, proposed(sink="jira")).ruling == "deny"
    assert [one.passed for one in run_cases(shipped)] == [True, True]
    assert not flaws_of(shipped, KNOWN)


FLAWED = """\
[[rule]]
name = "a"
snik = "desk"
decision = "ask"
[rule.fields]
amount = { mix = 5 }
severity = { one_of = "x" }
title = { regex = "(" }
[[rule]]
decision = "alow"
tainted_by = "injektion"
groups = []
[[test]]
sink = "desk"
expect = "deny"
[tset]
"""


def test_a_flaw_is_named_with_its_line_and_the_nearest_key() -> None:
    _, flaws = read(FLAWED, place="policy.toml")
    told = [(one.line, one.message, one.hint) for one in flaws]
    assert told[0] == (3, "unknown key snik", "did you mean sink?")
    assert told[1] == (6, "amount: unknown key mix", "did you mean min?")
    assert [line for line, _, _ in told] == [3, 6, 7, 8, 10, 11, 12, 13, 16]
    assert told[5][2] == "did you mean injection?"
    assert told[-1] == (16, "unknown key tset", "did you mean test?")


@pytest.mark.parametrize(
    "text", ["rule = 3", "[[rule]]\nx", "a" * 10 + "=", "[rule]\nname='x'\ndecision='ask'"]
)
def test_what_is_no_policy_is_a_flaw(text: str) -> None:
    found, flaws = read(text, place="policy.toml")
    assert flaws
    assert not found.rules


def test_a_file_with_a_flaw_decides_nothing(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(FLAWED + '[[rule]]\nname = "fine"\ndecision = "allow"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"policy.toml:3: unknown key snik \(8 more"):
        load(file)
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="UTF-8"):
        load(file)
    with pytest.raises(ConfigError, match="can't be read"):
        load(tmp_path / "none.toml")


def test_names_of_nothing_are_flaws() -> None:
    rules = """
[[rule]]
name = "a"
sink = ["desk", "jria"]
schema = ["crm_*", "tickets"]
fields.amunt = { min = 5 }
decision = "ask"
[[test]]
sink = "desk"
schema = "meeting"
values = { whom = "x" }
expect = "ask"
rule = "b"
"""
    told = [(one.message, one.hint) for one in flaws_of(policy(rules), KNOWN)]
    assert ("the rule 'a': there is no sink jria", "did you mean jira?") in told
    assert ("the rule 'a': there is no schema tickets", "did you mean ticket?") in told
    assert ("the rule 'a': there is no field amunt", "did you mean amount?") in told
    assert [message for message, _ in told][3:] == [
        "the test 'test 1': there is no field whom",
        "the test 'test 1': there is no rule b",
    ]


@pytest.mark.parametrize(
    ("first", "later", "covered"),
    [
        ("", 'sink = "desk"', True),
        ('sink = "desk"', "", False),
        ('sink = "d*"', 'sink = "desk"', True),
        ('sink = "desk"', 'sink = "d*"', False),
        ('sink = ["desk", "jira"]', 'sink = "jira"', True),
        ("fields.amount = { max = 100 }", "fields.amount = { max = 50 }", True),
        ("fields.amount = { max = 50 }", "fields.amount = { max = 100 }", False),
        ("fields.amount = { min = 1, max = 9 }", "fields.amount = { min = 2, max = 9 }", True),
        ("fields.amount = { min = 3 }", "fields.amount = { max = 9 }", False),
        ("fields.a = { one_of = [1, 2] }", "fields.a = { one_of = [2] }", True),
        ("min_confidence = 0.5", "min_confidence = 0.9", True),
        ("min_confidence = 0.9", "min_confidence = 0.5", False),
        ("evidence = true", "", False),
        ('untainted_by = "model"', 'untainted_by = ["model", "edited"]', True),
        ('tainted_by = "model"', 'tainted_by = ["model", "edited"]', False),
        ("similar = true", "similar = false", False),
    ],
)
def test_a_rule_that_never_decides_is_found(first: str, later: str, covered: bool) -> None:
    rules = (
        f'[[rule]]\nname = "a"\n{first}\ndecision = "ask"\n'
        f'[[rule]]\nname = "b"\n{later}\ndecision = "deny"\n'
    )
    found = flaws_of(policy(rules), Known({"desk", "jira"}, {}))
    unreachable = [one for one in found if "never decides" in one.message]
    assert bool(unreachable) is covered
    assert not covered or "'a' (line 1)" in unreachable[0].message


def test_a_test_in_the_file_fails_where_another_ruling_or_rule_decides() -> None:
    rules = """
[[rule]]
name = "big"
fields.amount = { min = 1000 }
decision = "two_persons"
[[rule]]
name = "rest"
decision = "ask"
[[test]]
name = "fits"
sink = "desk"
schema = "crm_deal"
values = { amount = 1000 }
expect = "two_persons"
[[test]]
name = "another ruling"
sink = "desk"
schema = "crm_deal"
values = { amount = 999 }
expect = "two_persons"
[[test]]
name = "another rule"
sink = "desk"
schema = "crm_deal"
values = { amount = 999 }
expect = "ask"
rule = "big"
"""
    assert [one.passed for one in run_cases(policy(rules))] == [True, False, False]
