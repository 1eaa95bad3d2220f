"""Another chat model for an answer: a provider's key and address stay with the provider."""

from __future__ import annotations

import pytest

from copilot.config.models import ModelSettings
from copilot.errors import ConfigError
from copilot.gateway.choosing import answered_by

OURS = ModelSettings(answer="openai/a", key="ours", api_base="http://here", temperature=0.5)


def test_another_model_of_the_same_provider_is_asked_in_the_same_way() -> None:
    assert answered_by(OURS, "openai/b") == OURS.model_copy(update={"answer": "openai/b"})


@pytest.mark.parametrize("before", [OURS, OURS.model_copy(update={"answer": ""})])
def test_another_provider_gets_neither_the_key_nor_the_address(before: ModelSettings) -> None:
    chosen = answered_by(before, "anthropic/c")
    assert (chosen.answer, chosen.key, chosen.api_base) == ("anthropic/c", "", "")
    assert chosen.temperature == 0.5


@pytest.mark.parametrize("name", ["", "a b", "a\n", "\x1b[2J"])
def test_what_can_not_be_a_name_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="name of a chat model"):
        answered_by(OURS, name)
