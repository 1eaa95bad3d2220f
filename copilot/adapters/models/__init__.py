"""Chat models behind ports.ChatModel and handoff.StructuredModel.

Invariant: importing this folder imports no vendor library.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copilot.config.models import ModelSettings
    from copilot.handoff import StructuredModel
    from copilot.ports import ChatModel
    from copilot.spending import Purse


def build_chat_model(
    settings: ModelSettings, *, key_for: Callable[[str], str | None], context_tokens: int = 0
) -> ChatModel:
    """The configured chat model. ``key_for`` maps a provider's name to its key, or None.

    ``context_tokens``: what a local model shall read at once; 0: what it was made for. Raises
    ConfigError.
    """
    from copilot.adapters.models.local_weights import in_process

    if in_process(settings.answer):
        from copilot.adapters.models.local_chat import LocalChat

        return LocalChat(settings.answer, context_tokens=context_tokens)
    from copilot.adapters.models.litellm_chat import LiteLLMChat

    return LiteLLMChat(settings, key_for=key_for)


def build_structured_model(
    settings: ModelSettings,
    *,
    key_for: Callable[[str], str | None],
    context_tokens: int = 0,
    purse: Purse | None = None,
) -> StructuredModel:
    """A model that answers with JSON, at the configured provider; the arguments as above.

    ``purse`` pays for each request.
    """
    from copilot.adapters.models.local_weights import in_process

    if in_process(settings.answer):
        from copilot.adapters.models.local_structured import LocalStructured

        return LocalStructured(
            settings.answer,
            context_tokens=context_tokens,
            purse=purse,
            within_s=settings.total_timeout_s,
        )
    from copilot.adapters.models.structured import LiteLLMStructured

    return LiteLLMStructured(settings, key_for=key_for, purse=purse)
