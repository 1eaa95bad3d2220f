"""Which names can be a chat model's, held against litellm itself, which the rule doesn't import."""

from __future__ import annotations

import subprocess
import sys

import pytest

from copilot.adapters.models.loading import load_litellm
from copilot.config.model_names import wrong_names
from copilot.config.models import ModelSettings
from copilot.config.providers import PROVIDERS
from copilot.config.schema import Settings


def passes(name: str) -> bool:
    return not list(wrong_names(Settings(models=ModelSettings(answer=name))))


def test_the_providers_that_names_are_judged_by_are_litellm_s_own() -> None:
    litellm = load_litellm()
    from litellm.llms.openai_like.json_loader import JSONProviderRegistry

    its = {str(one.value) for one in litellm.provider_list}
    assert its | set(JSONProviderRegistry.list_providers()) == PROVIDERS


def test_no_name_that_litellm_finds_a_provider_for_is_refused_for_its_provider() -> None:
    litellm = load_litellm()
    writing = [
        name for name, of in litellm.model_cost.items() if "image" not in str(of.get("mode"))
    ]
    refused = [name for name in writing if "/" in name and not passes(name)]
    assert refused
    for name in refused:
        with pytest.raises(litellm.exceptions.BadRequestError):
            litellm.get_llm_provider(name)


def test_names_are_judged_without_litellm() -> None:
    code = (
        "import sys; from tests.unit.test_model_names import Settings, ModelSettings, wrong_names\n"
        "assert list(wrong_names(Settings(models=ModelSettings(answer='nobody/x'))))\n"
        "assert 'litellm' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
