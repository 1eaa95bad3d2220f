"""Chat models behind ports.ChatModel and handoff.StructuredModel.

Invariant: importing this folder imports no vendor library.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copilot.adapters.models.litellm_chat import LiteLLMChat
    from copilot.adapters.models.structured import LiteLLMStructured
    from copilot.config.models import ModelSettings
    from copilot.spending import Purse


def build_chat_model(
    settings: ModelSettings, *, key_for: Callable[[str], str | None]
) -> LiteLLMChat:
    """The configured chat model. ``key_for`` maps a provider's name to its key, or None."""
    from copilot.adapters.models.litellm_chat import LiteLLMChat

    return LiteLLMChat(settings, key_for=key_for)


def build_structured_model(
    settings: ModelSettings,
    *,
    key_for: Callable[[str], str | None],
    purse: Purse | None = None,
) -> LiteLLMStructured:
    """A model that answers with JSON, at the configured provider; ``key_for`` as above.

    ``purse`` pays for each request.
    """
    from copilot.adapters.models.structured import LiteLLMStructured

    return LiteLLMStructured(settings, key_for=key_for, purse=purse)
