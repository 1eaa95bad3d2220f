"""Another chat model than the configured one, for an answer or a conversation.

Invariant: a key or an address that is meant for one provider is never given to another.
"""

from __future__ import annotations

from copilot.config.models import ModelSettings
from copilot.errors import ConfigError


def answered_by(models: ModelSettings, model: str) -> ModelSettings:
    """The settings with ``model`` to answer. Raises ConfigError for what can't be a name."""
    if not model or not model.isprintable() or " " in model:
        raise ConfigError(
            f"{model!r} can't be the name of a chat model", hint="e.g. openai/gpt-5-mini"
        )
    change = {"answer": model}
    if model.partition("/")[0] != models.answer.partition("/")[0]:
        change |= {"api_base": "", "key": ""}
    return models.model_copy(update=change)
