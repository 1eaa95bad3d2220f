"""What a provider keeps of a prompt: what is marked for it, what it is said to have saved."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from copilot.adapters.models.loading import load_litellm
from copilot.adapters.models.requests import Requests, marked, messages
from copilot.config.models import ModelPrice, ModelSettings
from copilot.messages import ModelRequest, Turn, Usage
from copilot.metering import total_usage
from copilot.noting import noted_by
from copilot.records import CacheUsed, Record

REQUEST = ModelRequest("x", "The rules.", (Turn("user", "Passages and question."),))
COUNTS = SimpleNamespace(
    prompt_tokens=1000,
    completion_tokens=10,
    prompt_tokens_details=SimpleNamespace(cached_tokens=800),
)


@pytest.mark.parametrize(
    "model", ["anthropic/claude-haiku-4-5", "bedrock/anthropic.claude-v2", "vertex_ai/claude-x"]
)
def test_the_rules_are_marked_where_a_model_keeps_only_what_is_marked(model: str) -> None:
    rules, question = marked(messages(REQUEST), model)
    assert rules["content"] == [
        {"type": "text", "text": "The rules.", "cache_control": {"type": "ephemeral"}}
    ]
    assert question == {"role": "user", "content": "Passages and question."}


@pytest.mark.parametrize("model", ["openai/gpt-5-mini", "gemini/gemini-2.5-pro", "ollama/claude"])
def test_nothing_is_marked_for_others(model: str) -> None:
    assert marked(messages(REQUEST), model) == messages(REQUEST)


@pytest.mark.parametrize(
    ("price", "cost", "saved"),
    [
        (ModelPrice(input=2, output=5, cached=0.5), 850, 1200),
        (ModelPrice(input=2, output=5), 2050, 0),
    ],
    ids=["cheaper", "as dear"],
)
def test_what_was_read_before_has_its_own_price_and_what_that_saves_is_noted(
    price: ModelPrice, cost: int, saved: int
) -> None:
    requests = Requests(ModelSettings(prices={"openai/x": price}), key_for=lambda name: None)
    notes: list[Record] = []
    with noted_by(notes.append):
        usage = requests.usage(load_litellm(), "openai/x", COUNTS, estimated=False)
    assert usage == Usage("openai/x", 1000, 10, cost, cached_tokens=800)
    assert notes == [CacheUsed("provider", "hit", saved_microusd=saved)]
    assert total_usage("openai/x", [usage, usage]).cached_tokens == 1600


def test_a_price_that_litellm_knows_is_that_of_its_cached_tokens_too() -> None:
    litellm = load_litellm()
    counts = litellm.Usage(
        prompt_tokens=1000,
        completion_tokens=10,
        prompt_tokens_details={"cached_tokens": 800},
    )
    requests = Requests(ModelSettings(), key_for=lambda name: None)
    notes: list[Record] = []
    with noted_by(notes.append):
        usage = requests.usage(litellm, "openai/gpt-4o-mini", counts, estimated=False)
    full = 1000 * 0.15 + 10 * 0.6
    assert usage.cost_microusd == pytest.approx(full - 800 * 0.075, abs=1)
    assert notes == [CacheUsed("provider", "hit", saved_microusd=round(800 * 0.075))]


def test_without_cached_tokens_nothing_is_noted() -> None:
    requests = Requests(ModelSettings(), key_for=lambda name: None)
    counts = SimpleNamespace(prompt_tokens=10, completion_tokens=1, prompt_tokens_details=None)
    notes: list[Record] = []
    with noted_by(notes.append):
        requests.usage(load_litellm(), "ollama/x", counts, estimated=False)
    assert notes == []
