"""Which questions go to the cheap models and which to the strong ones, and why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from copilot.answering.writing.disagreeing import disagreement
from copilot.answering.writing.features import features, kind_of
from copilot.config.models import HardQuestions, ModelSettings, RouteSettings
from copilot.config.schema import Settings
from copilot.errors import ConfigError, ModelUnavailableError
from copilot.gateway import Breaker, Deployed, Deployment, Features, Route, Tiers
from copilot.gateway.deployments import names, tiers
from copilot.testing.memory_health import MemoryHealth
from copilot.testing.passages import made_hits, made_passage
from tests.routes import WallClock, breaker

TIERS = Tiers(cheap=("small", "small2"), strong=("big",))
SIMPLE = Features(kind="lookup", words=6, documents=1)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("What is the difference between SEV-1 and SEV-2?", "compare"),
        ("Should I page the IC or the deputy?", "compare"),
        ("Is Ansible better than Terraform here", "compare"),
        ("Why was the deploy rolled back?", "why"),
        ("List the differences to the old plan", "compare"),
        ("What are the responsibilities of the scribe?", "list"),
        ("How do I restart the worker?", "how-to"),
        ("How long do I have to acknowledge a page?", "lookup"),
        ("", "lookup"),
    ],
)
def test_the_words_of_a_question_tell_what_it_asks_for(question: str, kind: str) -> None:
    assert kind_of(question) == kind


@pytest.mark.parametrize(
    ("known", "tier", "reason"),
    [
        (SIMPLE, "cheap", "simple: it looks something up, evidence from 1 document → cheap"),
        (
            Features(kind="compare", words=9, documents=5),
            "strong",
            "hard: it compares things, evidence from 5 documents → strong",
        ),
        (replace(SIMPLE, words=80), "strong", "hard: it has 80 words → strong"),
        (
            replace(SIMPLE, disagreement="45 min or 60 min"),
            "strong",
            "hard: the sources disagree (45 min or 60 min) → strong",
        ),
        (replace(SIMPLE, follow_up=True), "cheap", None),
        (replace(SIMPLE, hard=True, router="r"), "strong", "r says hard → strong"),
        (Features(kind="why", hard=False, router="r"), "cheap", "r says simple → cheap"),
        (replace(SIMPLE, unsupported="small"), "strong", "nothing that small wrote is supported"),
        (None, "strong", "nothing is known of the question → strong"),
    ],
)
def test_a_choice_says_its_reason(known: Features | None, tier: str, reason: str | None) -> None:
    choice = TIERS.choose(known)
    assert choice.tier == tier
    assert reason is None or choice.reason == reason


def test_what_is_hard_is_a_matter_of_settings() -> None:
    rules = HardQuestions(kinds=(), words=5, documents=9, disagreement=False, follow_up=True)
    known = Features(kind="compare", words=4, documents=8, disagreement="1 or 2")
    own = replace(TIERS, rules=rules)
    assert own.choose(known).tier == "cheap"
    assert own.choose(replace(known, words=5)).tier == "strong"
    assert own.choose(replace(known, follow_up=True)).tier == "strong"


def test_who_must_save_is_given_the_cheap_one_whatever_is_asked() -> None:
    assert TIERS.choose(Features(kind="compare"), thrifty=True).tier == "cheap"


def _route(*, resting: str = "") -> Route[str]:
    health = MemoryHealth()
    if resting:
        health.failed(f"p/{resting}\n\n", WallClock().now())
    all_ = ("big", "small", "spare", "small2")
    deployed = [Deployed(Deployment(name, f"p/{name}"), name) for name in all_]
    one = Breaker(health, WallClock(), failures=1, cooldown_s=60)
    return Route("answer", deployed, one, tiers=TIERS)


async def test_the_chosen_tier_is_asked_first_then_the_other_then_who_steps_in() -> None:
    simple = await _route().ready(features=SIMPLE)
    assert [one.model for one in simple.models] == ["small", "small2", "big", "spare"]
    hard = await _route().ready(features=Features(kind="why"))
    assert [one.model for one in hard.models] == ["big", "small", "small2", "spare"]
    saving = await _route().ready(features=Features(kind="why"), thrifty=True)
    assert saving.models[0].model == "small"
    again = await _route().ready(first="big", features=SIMPLE)
    assert (again.models[0].model, again.why) == ("big", "it wrote the answer")
    went_on = await _route().ready(("small",), features=SIMPLE)
    assert (went_on.models[0].model, went_on.why) == ("small2", "goes on for small")


async def test_a_chosen_model_that_rests_is_named_and_one_that_was_not_chosen_is_not() -> None:
    rests = await _route(resting="small").ready(features=SIMPLE)
    assert (rests.models[0].model, rests.why) == ("small2", "small rests after 1 failed calls")
    other = await _route(resting="small").ready(features=Features(kind="why"))
    assert (other.models[0].model, other.why) == ("big", "hard: it asks why → strong")


async def test_a_route_without_tiers_takes_no_notice_of_the_question() -> None:
    deployed = [Deployed(Deployment(name, name), name) for name in ("a", "b")]
    route = Route("answer", deployed, breaker())
    order = await route.ready(features=SIMPLE, thrifty=True)
    assert ([one.model for one in order.models], order.why) == (
        ["a", "b"],
        "the first of its route",
    )
    assert not route.stronger(["a"])


def _settings(answer: str = "a", **route: object) -> Settings:
    one = RouteSettings.model_validate(route)
    return Settings(models=ModelSettings(answer=answer, routes={"answer": one}))


def test_the_first_model_is_of_the_tier_that_names_it_or_that_nobody_else_is_of() -> None:
    both = _settings(cheap=("c",), strong=("s", "a"), then=("t", "c"))
    assert tiers(both, "answer") == Tiers(("c",), ("s", "a"))
    assert names(both, "answer") == ("a", "s", "c", "t")
    assert tiers(_settings(cheap=("c",)), "answer") == Tiers(("c",), ("a",))
    assert tiers(_settings(strong=("s",)), "answer") == Tiers(("a",), ("s",))
    assert tiers(_settings(cheap=("c",), strong=("s",)), "answer") == Tiers(("c",), ("a", "s"))
    assert tiers(_settings(then=("t",)), "answer") is None
    assert tiers(_settings("", cheap=("c",)), "answer") is None
    assert names(_settings("", cheap=("c",)), "answer") == ()


def test_a_route_of_one_tier_only_is_told_before_anything_is_asked() -> None:
    one = {"extract": RouteSettings(cheap=("x",))}
    settings = Settings.model_validate({"extraction": {"model": "x"}})
    models = settings.models.model_copy(update={"routes": one})
    with pytest.raises(ConfigError, match=r"models\.routes\.extract has no strong model"):
        tiers(settings.model_copy(update={"models": models}), "extract")


# --- what is known of a question ----------------------------------------------------------


def test_documents_are_those_whose_passages_found_about_as_well_as_the_best() -> None:
    a, b, c = (made_passage(f"Pages are acknowledged {n}.", title=n) for n in "abc")
    hits = made_hits(a, b, c)
    scored = [replace(hit, score=score) for hit, score in zip(hits, (5, 4, 1), strict=True)]
    known = features("Who acknowledges pages?", scored, follow_up=True)
    assert (known.documents, known.words, known.follow_up) == (2, 3, True)
    assert features("Who?", [], follow_up=False).documents == 0


@pytest.mark.parametrize(
    ("other", "found"),
    [
        ("You have 60 minutes to acknowledge a page.", "45 minutes or 60 minutes"),
        ("You have 45 min to acknowledge a page.", ""),
        ("You have 60 minutes for lunch.", ""),
        ("You have 3 attempts to acknowledge a page.", ""),
    ],
)
def test_sources_disagree_when_they_say_the_same_with_another_figure(
    other: str, found: str
) -> None:
    question = "How long do I have to acknowledge a page?"
    mine = made_passage("You have 45 minutes to acknowledge a page.", title="A")
    theirs = made_passage(other, title="B")
    assert disagreement(question, [mine, theirs]) == found
    assert disagreement(question, [mine]) == ""


async def test_when_all_rest_it_is_told_as_ever() -> None:
    health = MemoryHealth()
    health.failed("p/big\n\n", WallClock().now())
    one = Breaker(health, WallClock(), failures=1, cooldown_s=60)
    route = Route("answer", [Deployed(Deployment("big", "p/big"), "big")], one, tiers=TIERS)
    with pytest.raises(ModelUnavailableError, match="big rests until"):
        await route.ready(features=SIMPLE)
