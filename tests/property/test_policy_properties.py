"""Whatever stands in a policy file: it decides cleanly, or every flaw is told and nothing is."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from copilot.actions.policy import TAINTS, Policy, evaluate
from copilot.actions.policy_checking import Known, flaws_of, run_cases
from copilot.actions.policy_file import read
from copilot.extracted import Evidence, FieldValue
from copilot.proposals import Proposal, Taint
from tests.proposed import proposal

RULINGS = st.sampled_from(["allow", "ask", "deny", "two_persons"])
NAMES = st.sampled_from(["memory", "desk", "ticket", "*", "mem*", "ada", "create", "[", "x y"])
NAME_LISTS = NAMES | st.lists(NAMES, min_size=1, max_size=3)
SHARES = st.floats(0, 1)
TAINT_LISTS = st.lists(st.sampled_from(TAINTS), min_size=1, max_size=3)
CONDITIONS = st.one_of(
    st.fixed_dictionaries({"max": st.integers(-5, 5)}),
    st.fixed_dictionaries({"min": st.floats(-5, 5), "max": st.integers(-5, 5)}),
    st.fixed_dictionaries({"one_of": st.lists(st.integers(-2, 2), max_size=3)}),
    st.fixed_dictionaries({"regex": st.sampled_from(["a+", ".*", "\\d"])}),
    st.fixed_dictionaries({"min_confidence": SHARES, "evidence": st.booleans()}),
)
VALID: dict[str, st.SearchStrategy[Any]] = {
    "sink": NAME_LISTS,
    "schema": NAME_LISTS,
    "operation": st.sampled_from(["create", "update", ["create", "close"], "*"]),
    "principal": NAME_LISTS,
    "groups": st.sampled_from(["x", ["x", "y"], "*"]),
    "min_confidence": SHARES,
    "evidence": st.booleans(),
    "tainted_by": TAINT_LISTS,
    "untainted_by": TAINT_LISTS,
    "similar": st.booleans(),
    "reason": NAMES,
    "fields.amount": CONDITIONS,
    "fields.title": CONDITIONS,
}
ODD: st.SearchStrategy[Any] = st.one_of(
    NAME_LISTS, st.integers(-1, 2), st.booleans(), CONDITIONS, st.just([]), st.just({"regex": "("})
)


def toml(value: object) -> str:
    if isinstance(value, dict):
        inner = ", ".join(f"{key} = {toml(one)}" for key, one in value.items())
        return f"{{ {inner} }}"
    return json.dumps(value)


@st.composite
def files(draw: st.DrawFn, *, odd: bool = False) -> str:
    """A policy file; an ``odd`` one has flaws."""
    tables = []
    for number in range(draw(st.integers(0, 4))):
        keys = draw(st.lists(st.sampled_from(sorted(VALID)), unique=True, max_size=2))
        lines = [f'name = "{number}"', f'decision = "{draw(RULINGS)}"']
        lines += [f"{key} = {toml(draw(ODD if odd else VALID[key]))}" for key in keys]
        if odd:
            lines.append(f"{draw(st.sampled_from(['snik', 'name', 'fields']))} = {toml(draw(ODD))}")
        tables.append("\n".join(["[[rule]]", *lines]))
    return "\n".join(tables)


@st.composite
def proposals(draw: st.DrawFn) -> Proposal:
    values: dict[str, Any] = draw(
        st.dictionaries(
            st.sampled_from(["title", "amount", "who[0].mail"]),
            st.one_of(st.text(max_size=10), st.integers(-5, 5), st.floats(-5, 5), st.booleans()),
        )
    )
    fields = {
        name: FieldValue(value, draw(st.sampled_from([None, Evidence("x", 0, 1)])), 0.5)
        for name, value in values.items()
    }
    taint = Taint(**{name: draw(st.booleans()) for name in TAINTS})
    return proposal(fields=fields, taint=taint, groups=draw(st.sampled_from([(), ("x",)])))


@given(text=st.text(max_size=200) | files() | files(odd=True))
def test_a_file_is_read_whole_or_its_flaws_are_told(text: str) -> None:
    policy, flaws = read(text, place="policy.toml")
    lines = text.count("\n") + 1
    assert all(0 <= one.line <= lines and one.message for one in flaws)
    assert len(policy.rules) + bool(flaws) >= text.startswith("[[rule]]")
    flaws_of(policy, Known({"memory"}, {"ticket": {"title"}}))
    run_cases(policy)


@given(text=files(), given_proposal=proposals())
def test_what_is_suspicious_or_edited_is_never_allowed_and_the_first_that_matches_decides(
    text: str, given_proposal: Proposal
) -> None:
    policy, flaws = read(text, place="policy.toml")
    assert not flaws
    verdict = evaluate(policy, given_proposal)
    if given_proposal.taint.injection or given_proposal.taint.edited:
        assert verdict.ruling != "allow"
    names = [rule.name for rule in policy.rules]
    passed = [name for name, _ in verdict.passed_over]
    assert passed == names[: len(passed)]
    if verdict.rule in names:
        assert names[len(passed)] == verdict.rule
    else:
        assert (verdict.ruling, len(passed)) == ("deny", len(names))


@given(text=files(), given_proposal=proposals())
def test_a_rule_that_is_called_unreachable_never_decides(
    text: str, given_proposal: Proposal
) -> None:
    policy, flaws = read(text, place="policy.toml")
    assert not flaws
    told = flaws_of(policy, Known({"*"}, {}))
    dead = {one.line for one in told if "never decides" in one.message}
    decider = evaluate(policy, given_proposal).rule
    assert decider not in {rule.name for rule in policy.rules if rule.line in dead}


def test_no_rules_deny() -> None:
    assert evaluate(Policy(), proposal()).ruling == "deny"
