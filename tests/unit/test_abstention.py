"""How signals of a search become "not in your documents"."""

from __future__ import annotations

import pytest

from copilot.answering.abstention import Model, fitted, judge, stands_alone
from copilot.answering.quoting import QuotedAnswer, QuotingAnswerer
from copilot.config.schema import AnswerSettings
from tests.found import search

PAGES = {
    "backup": "# Backups\n\nThe orders database is backed up every night at 02:00.\n\n"
    "Backups are kept for 35 days in the Dublin region.\n",
    "leave": "# Leave\n\nEvery employee has 25 days of paid leave a year.\n",
}


def answer(question: str, pages: dict[str, str] = PAGES) -> QuotedAnswer:
    return QuotingAnswerer(AnswerSettings()).answer(question, (), search(pages, question))


def test_confidence_is_higher_for_what_the_documents_hold() -> None:
    held = answer("how long are backups of the orders database kept?")
    other = answer("which zeppelin flies to Reykjavik in spring?")
    assert held.confidence > other.confidence
    assert other.abstain


def test_terms_that_are_found_raise_their_shares() -> None:
    held = answer("how long are backups kept?").signals
    other = answer("how long are zeppelins kept?").signals
    assert held["terms_joined"] > other["terms_joined"]


def test_names_and_numbers_that_no_passage_holds_are_counted() -> None:
    assert answer("is the Dublin region used?").signals["names_missing"] == 0.0
    assert answer("is the Frankfurt region used?").signals["names_missing"] == 1.0


def test_a_lead_over_later_passages_is_never_negative() -> None:
    assert answer("how long are backups kept?").signals["dense_joined_lead"] >= 0.0


def test_the_shipped_model_uses_signals_that_exist() -> None:
    known = answer("how long are backups kept?").signals
    model = fitted()
    assert model.alone is not None
    assert set(model.signals) | set(model.floors) | set(model.alone.signals) <= set(known)
    assert model.threshold == model.alone.threshold
    assert 0.0 < model.threshold < 1.0


@pytest.mark.parametrize("name", ["unit_best", "unit_cosine", "sentence_own", "terms_first"])
def test_better_evidence_never_lowers_the_confidence(name: str) -> None:
    model = fitted()
    mean, scale, weight = model.signals[name]
    assert weight > 0.0
    low, high = ({name: mean + sign * scale} for sign in (-1, 1))
    assert model.confidence(low) < model.confidence(high)


@pytest.mark.parametrize("name", ["near", "sentence_own", "lexical_standard", "terms_first"])
def test_better_evidence_never_lowers_it_for_a_question_that_stands_alone(name: str) -> None:
    asked = {"follow_up": 0.0, "asks": 1.0, "near": 0.6}
    low, middle, high = (fitted().confidence(asked | {name: value}) for value in (0.3, 0.5, 0.9))
    assert low < middle < high


def test_a_name_that_nothing_holds_never_raises_it_for_a_question_that_stands_alone() -> None:
    asked = {"follow_up": 0.0, "asks": 1.0, "near": 0.6}
    held, missing = (fitted().confidence(asked | {"names_missing": share}) for share in (0.0, 1.0))
    assert missing <= held


def test_a_question_that_stands_alone_is_judged_by_its_own_model() -> None:
    model = Model(5.0, 0.5, {}, alone=Model(-5.0, 0.5, {}))
    alone = {"follow_up": 0.0, "asks": 1.0, "yes_or_no": 0.0}
    assert judge(alone, model=model).abstain
    assert judge(alone | {"asks": 0.0, "yes_or_no": 1.0}, model=model).abstain
    assert not judge(alone | {"follow_up": 1.0}, model=model).abstain
    assert not judge(alone | {"asks": 0.0}, model=model).abstain


def test_a_near_question_that_nothing_answers_is_less_sure_than_one_that_is_answered() -> None:
    held = answer("how many days of paid leave does an employee have?")
    near = answer("how much does the company pay into my pension?")
    assert stands_alone(near.signals)
    assert near.abstain
    assert near.confidence < held.confidence


def test_a_signal_far_outside_what_was_fitted_counts_as_three_deviations() -> None:
    model = Model(0.0, 0.5, {"x": (0.0, 1.0, 1.0)})
    assert model.confidence({"x": 3.0}) == model.confidence({"x": 300.0})
    assert model.confidence({}) == 0.5


def test_below_a_floor_nothing_else_counts() -> None:
    model = Model(5.0, 0.5, {"x": (0.0, 1.0, 1.0)}, {"near": 0.4})
    assert judge({"x": 3.0, "near": 0.3}, model=model).abstain
    assert not judge({"x": 3.0, "near": 0.5}, model=model).abstain


def test_the_setting_overrides_the_calibrated_threshold() -> None:
    model = Model(0.0, 0.9, {})
    assert judge({}, model=model).abstain
    assert not judge({}, abstain_below=0.1, model=model).abstain
