"""Another chat model for an answer, and where the models of a job are."""

from __future__ import annotations

import pytest

from copilot.config.models import DeploymentSettings, ModelPrice, ModelSettings, RouteSettings
from copilot.config.schema import Settings
from copilot.errors import ConfigError
from copilot.gateway.choosing import answered_by
from copilot.gateway.deployments import Deployment, configured, deployment, names, route

MODELS = ModelSettings(
    answer="openai/a",
    key="ours",
    api_base="http://here",
    temperature=0.5,
    at={
        "local": DeploymentSettings(model="openai/q", api_base="http://there", context_tokens=4096)
    },
)
OURS = Settings(models=MODELS)


def _with(**changes: object) -> Settings:
    return OURS.model_copy(update={"models": MODELS.model_copy(update=changes)})


def test_another_model_of_the_same_provider_is_asked_in_the_same_way() -> None:
    [chosen] = route(answered_by(OURS, "openai/b"), "answer")
    assert chosen == Deployment("openai/b", "openai/b", "http://here", "ours")
    assert answered_by(OURS, "openai/b").models.temperature == 0.5


@pytest.mark.parametrize("before", [OURS, _with(routes={"answer": RouteSettings(then=("x/y",))})])
def test_another_provider_gets_neither_the_key_nor_the_address(before: Settings) -> None:
    assert route(answered_by(before, "anthropic/c"), "answer") == (
        Deployment("anthropic/c", "anthropic/c"),
    )


def test_a_name_of_ones_own_brings_its_address_and_keeps_it() -> None:
    here = Deployment("local", "openai/q", "http://there", "ours", 4096)
    assert deployment(OURS, "local") == here
    assert route(answered_by(OURS, "local"), "answer") == (here,)


@pytest.mark.parametrize("name", ["", "a b", "a\n", "\x1b[2J"])
def test_what_can_not_be_a_name_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="name of a chat model"):
        answered_by(OURS, name)


def test_a_route_goes_on_where_the_first_model_fails_and_nowhere_without_one() -> None:
    then = {"answer": RouteSettings(then=("anthropic/b", "openai/a", "local"))}
    routed = _with(routes=then)
    assert names(OURS, "answer") == ("openai/a",)
    assert names(routed, "answer") == ("openai/a", "anthropic/b", "local")
    assert names(routed, "extract") == names(_with(routes=then, answer=""), "answer") == ()
    addresses = [one.api_base for one in route(routed, "answer")]
    assert addresses == ["http://here", "", "http://there"]
    assert configured(routed) == ("openai/a", "anthropic/b", "local")


def test_a_price_under_a_name_of_ones_own_is_that_deployments() -> None:
    dear, cheap = ModelPrice(input=2, output=10), ModelPrice(input=1, output=5)
    at = {
        "here": DeploymentSettings(model="openai/x"),
        "there": DeploymentSettings(model="openai/x"),
    }
    models = ModelSettings(answer="here", at=at, prices={"here": dear, "openai/x": cheap})
    settings = Settings(models=models)
    assert deployment(settings, "here").settings(models).prices["openai/x"] == dear
    assert deployment(settings, "there").settings(models).prices["openai/x"] == cheap
