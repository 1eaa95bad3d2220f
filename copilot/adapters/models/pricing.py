"""What a call cost, in whole micro-dollars.

Invariant: an unknown price is None, never zero; a model on this machine costs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import ModuleType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from copilot.config.models import ModelPrice

LOCAL_PROVIDERS = frozenset({"ollama", "ollama_chat", "llamafile", "lm_studio"})
_LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Priced:
    """A call to be priced. ``usage`` is litellm's own count, which knows cached tokens.

    ``cached_tokens``: of the input, what the provider had read before.
    """

    model: str
    provider: str
    api_base: str
    usage: object | None
    input_tokens: int
    output_tokens: int
    cached_tokens: int = 0

    @property
    def uncached(self) -> Priced:
        """The same call, had the provider kept nothing."""
        return replace(self, usage=None, cached_tokens=0)


def cost_microusd(
    call: Priced, prices: Mapping[str, ModelPrice], *, litellm: ModuleType
) -> int | None:
    """Micro-dollars by the configured price, else by litellm's own table; None if neither knows.

    A model that only this machine serves, and that no table knows, costs nothing. A price in
    dollars a million tokens is micro-dollars a token.
    """
    if price := prices.get(call.model):
        cached = price.input if price.cached is None else price.cached
        read = (call.input_tokens - call.cached_tokens) * price.input + call.cached_tokens * cached
        return round(read + call.output_tokens * price.output)
    if call.provider in LOCAL_PROVIDERS:
        return 0
    try:
        of_input, of_output = litellm.cost_per_token(
            model=call.model,
            prompt_tokens=call.input_tokens,
            completion_tokens=call.output_tokens,
            usage_object=call.usage,
        )
    except (litellm.ModelNotMappedError, litellm.BadRequestError, ValueError, KeyError, TypeError):
        return 0 if is_local(call.provider, call.api_base) else None
    return round(float(of_input + of_output) * 1_000_000)


def is_local(provider: str, api_base: str) -> bool:
    """Whether only this machine serves it."""
    return provider in LOCAL_PROVIDERS or (urlsplit(api_base).hostname or "") in _LOCAL_HOSTS
