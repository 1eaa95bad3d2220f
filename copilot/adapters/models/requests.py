"""What every request to a provider carries, and what came of it in tokens and money.

Invariant: a request has no hidden retry; the key is asked for at each call, never kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

from copilot.adapters.models.failures import provider
from copilot.adapters.models.local_weights import in_process
from copilot.adapters.models.pricing import Priced, cost_microusd
from copilot.extracted import StructuredRequest
from copilot.messages import ModelRequest, Usage
from copilot.noting import note
from copilot.records import CacheUsed

if TYPE_CHECKING:
    from copilot.config.models import ModelSettings

# Sent where a server of one's own asks for no key; without it litellm would take the
# provider's key from the environment and send it there.
MOST_TOKENS = 10**12  # of one request
_NO_KEY = "none"
_SERVING_CLAUDE = (
    "bedrock/anthropic.",
    "vertex_ai/claude",
    "azure_ai/claude",
    "openrouter/anthropic/",
)
# A quarter more than we count is the most that is read: providers have tokenizers of their own,
# and take a quarter more for what they write into their cache.
_MARGIN = 4


def failures() -> tuple[type[BaseException], ...]:
    """What a call may raise, to be translated."""
    import httpx
    import openai

    return (
        openai.OpenAIError,
        httpx.HTTPError,
        httpx.StreamError,
        OSError,
        ValueError,
        ImportError,
    )


def key_of(model: str, key: str = "") -> str:
    """The name of the key that a model is asked with: ``key``, else its provider's; none here."""
    return "" if in_process(model) else key or provider(model)


class Requests:
    """Requests to one provider."""

    def __init__(self, settings: ModelSettings, *, key_for: Callable[[str], str | None]) -> None:
        self.settings = settings
        self._key_for = key_for

    def key(self, model: str) -> str | None:
        """A keyring may wait for the system, or for a person to unlock it: call it in a thread."""
        key = self._key_for(self.settings.key or provider(model))
        return key or (_NO_KEY if self.settings.api_base else None)

    def arguments(
        self, request: ModelRequest | StructuredRequest, *, key: str | None, silent_s: float
    ) -> dict[str, Any]:
        """litellm's arguments; ``silent_s``: how long a provider may send nothing."""
        import httpx

        settings = self.settings
        arguments: dict[str, Any] = {
            "model": request.model,
            "messages": messages(request),
            "max_tokens": request.max_output_tokens,
            "temperature": request.temperature,
            # models that don't take a parameter, such as a temperature, go without it
            "drop_params": True,
            "timeout": httpx.Timeout(
                settings.total_timeout_s, connect=settings.connect_timeout_s, read=silent_s
            ),
        }
        if settings.api_base:
            arguments["api_base"] = settings.api_base
        if key is not None:
            arguments["api_key"] = key
        return arguments

    def estimate(
        self, litellm: ModuleType, request: ModelRequest | StructuredRequest, text: str
    ) -> Usage:
        """Counted by litellm's tokenizers; those that aren't at hand are replaced by OpenAI's."""
        counts = litellm.Usage(
            prompt_tokens=litellm.token_counter(request.model, messages=messages(request)),
            completion_tokens=litellm.token_counter(request.model, text=text),
        )
        return self.usage(litellm, request.model, counts, estimated=True)

    def most(
        self, litellm: ModuleType, request: ModelRequest | StructuredRequest, besides: str = ""
    ) -> Usage:
        """What a request comes to at most; ``besides`` its messages something is read, too."""
        read = litellm.token_counter(request.model, messages=messages(request))
        if besides:
            read += litellm.token_counter(request.model, text=besides)
        counts = litellm.Usage(
            prompt_tokens=read + read // _MARGIN, completion_tokens=request.max_output_tokens
        )
        return self.usage(litellm, request.model, counts, estimated=True)

    def usage(self, litellm: ModuleType, model: str, counts: Any, *, estimated: bool) -> Usage:
        """litellm's counts of a call, with its price."""
        read = _tokens(getattr(counts, "prompt_tokens", 0))
        wrote = _tokens(getattr(counts, "completion_tokens", 0))
        details = getattr(counts, "prompt_tokens_details", None)
        cached = min(read, _tokens(getattr(details, "cached_tokens", 0)))
        call = Priced(
            model=model,
            provider=provider(model),
            api_base=self.settings.api_base,
            usage=counts,
            input_tokens=read,
            output_tokens=wrote,
            cached_tokens=cached,
        )
        cost = cost_microusd(call, self.settings.prices, litellm=litellm)
        if cached:
            full = cost_microusd(call.uncached, self.settings.prices, litellm=litellm)
            saved = 0 if cost is None or full is None else max(0, full - cost)
            note(CacheUsed("provider", "hit", saved_microusd=saved))
        return Usage(model, read, wrote, cost, estimated=estimated, cached_tokens=cached)


def _tokens(told: Any) -> int:
    """What a provider counted, within reason: a sum of these fits into any database."""
    return min(max(0, int(told or 0)), MOST_TOKENS)


def messages(request: ModelRequest | StructuredRequest) -> list[dict[str, str]]:
    """The request's texts as a provider takes them."""
    turns = [{"role": turn.role, "content": turn.text} for turn in request.turns]
    system = [{"role": "system", "content": request.system}] if request.system else []
    return [*system, *turns]


def marked(said: Sequence[Mapping[str, Any]], model: str) -> list[dict[str, Any]]:
    """The messages, with the end of what every request begins with marked for models that keep a
    prefix only where they are told to: Anthropic's. Others keep it unasked.

    Passages and questions stand behind it. They aren't marked: keeping them costs a quarter more
    than reading them, and few are read twice. A prefix under 1024 tokens isn't kept, at no cost.
    """
    if provider(model) != "anthropic" and not model.startswith(_SERVING_CLAUDE):
        return [dict(one) for one in said]
    mark = {"cache_control": {"type": "ephemeral"}}
    return [
        {**one, "content": [{"type": "text", "text": one["content"], **mark}]}
        if one["role"] == "system" and isinstance(one["content"], str)
        else dict(one)
        for one in said
    ]
