"""Any chat model that litellm reaches, behind ports.ChatModel.

Invariant: one call is one request (no hidden retry), and an answer is complete only when the
provider said so: litellm ends a dropped stream with an invented ``stop`` and invented counts.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable
from types import ModuleType
from typing import TYPE_CHECKING, Any

from copilot.adapters.models import loading
from copilot.adapters.models.failures import ended_early, provider, translate
from copilot.adapters.models.pricing import Priced, cost_microusd
from copilot.errors import ModelError, ModelRequestError
from copilot.messages import ModelChunk, ModelRequest, Usage

if TYPE_CHECKING:
    from copilot.config.schema import ModelSettings

# Sent where a server of one's own asks for no key; without it litellm would take the
# provider's key from the environment and send it there.
_NO_KEY = "none"


class LiteLLMChat:
    """A chat model by its litellm name. The key is asked for at each call, never kept."""

    def __init__(self, settings: ModelSettings, *, key_for: Callable[[str], str | None]) -> None:
        self.settings = settings
        self._key_for = key_for

    def warm(self) -> threading.Thread:
        """Import litellm in a thread; the first call then waits for what is left of it."""
        return loading.warm()

    async def stream(self, request: ModelRequest) -> AsyncIterator[ModelChunk]:
        """Text as it comes; the last chunk has ``finish_reason`` and ``usage``.

        Raises a ModelError. Closing the iterator, or cancelling its task, closes the connection.
        """
        litellm = await asyncio.to_thread(loading.load_litellm)
        import httpx
        import openai

        # A keyring may wait for the system, or for a person to unlock it.
        key = await asyncio.to_thread(self._key, request.model)
        failures = (
            openai.OpenAIError,
            httpx.HTTPError,
            httpx.StreamError,
            OSError,
            ValueError,
            ImportError,
        )
        started = False
        stream = None
        try:
            stream = await litellm.acompletion(**self._arguments(httpx, request, key))
            yield ModelChunk()  # taken: from here on it is paid for
            async for chunk in stream:
                if text := _text(chunk):
                    started = True
                    yield ModelChunk(text=text)
            last = self._last(litellm, request, stream)
            if isinstance(last, ModelError):
                yield ModelChunk(usage=self._counted(litellm, request.model, stream))
                raise last
        except failures as error:
            raise translate(
                error,
                model=request.model,
                api_base=self.settings.api_base,
                key=key,
                started=started,
            ) from error
        finally:
            if stream is not None:
                # The answer is whole, or its failure is on its way: closing changes neither.
                with contextlib.suppress(*failures):
                    await stream.aclose()
        yield last

    def _key(self, model: str) -> str | None:
        key = self._key_for(self.settings.key or provider(model))
        return key or (_NO_KEY if self.settings.api_base else None)

    def _arguments(
        self, httpx: ModuleType, request: ModelRequest, key: str | None
    ) -> dict[str, Any]:
        settings = self.settings
        arguments: dict[str, Any] = {
            "model": request.model,
            "messages": _messages(request),
            "stream": True,
            "stream_options": {"include_usage": True},
            "max_tokens": request.max_output_tokens,
            "temperature": request.temperature,
            "max_retries": 0,
            # models that don't take a parameter, such as a temperature, go without it
            "drop_params": True,
            "timeout": httpx.Timeout(
                settings.total_timeout_s,
                connect=settings.connect_timeout_s,
                read=settings.first_token_timeout_s,
            ),
        }
        if settings.api_base:
            arguments["api_base"] = settings.api_base
        if key is not None:
            arguments["api_key"] = key
        return arguments

    def estimate(self, request: ModelRequest, text: str) -> Usage:
        """Counted by litellm's tokenizers; those that aren't at hand are replaced by OpenAI's."""
        litellm = loading.load_litellm()
        counts = litellm.Usage(
            prompt_tokens=litellm.token_counter(request.model, messages=_messages(request)),
            completion_tokens=litellm.token_counter(request.model, text=text),
        )
        return self._usage(litellm, request.model, counts, estimated=True)

    def _last(
        self, litellm: ModuleType, request: ModelRequest, stream: Any
    ) -> ModelChunk | ModelError:
        """The closing chunk; a ModelError when the provider never ended the answer, or cut it."""
        finish = stream.received_finish_reason or stream.intermittent_finish_reason
        if not finish:
            return ended_early(request.model)
        if finish == "content_filter":
            return ModelRequestError(
                f"{request.model}: the provider's content filter cut the answer"
            )
        usage = self._counted(litellm, request.model, stream)
        if usage is None:
            whole = litellm.stream_chunk_builder(stream.chunks, messages=stream.messages)
            counts = getattr(whole, "usage", None)
            usage = self._usage(litellm, request.model, counts, estimated=True)
        return ModelChunk(finish_reason=str(finish), usage=usage)

    def _counted(self, litellm: ModuleType, model: str, stream: Any) -> Usage | None:
        """The provider's own count, if it came."""
        counted = [c.usage for c in stream.chunks if getattr(c, "usage", None) is not None]
        return self._usage(litellm, model, counted[-1], estimated=False) if counted else None

    def _usage(self, litellm: ModuleType, model: str, counts: Any, *, estimated: bool) -> Usage:
        read = int(getattr(counts, "prompt_tokens", 0) or 0)
        wrote = int(getattr(counts, "completion_tokens", 0) or 0)
        call = Priced(
            model=model,
            provider=provider(model),
            api_base=self.settings.api_base,
            usage=counts,
            input_tokens=read,
            output_tokens=wrote,
        )
        cost = cost_microusd(call, self.settings.prices, litellm=litellm)
        return Usage(model, read, wrote, cost, estimated=estimated)


def _messages(request: ModelRequest) -> list[dict[str, str]]:
    turns = [{"role": turn.role, "content": turn.text} for turn in request.turns]
    system = [{"role": "system", "content": request.system}] if request.system else []
    return [*system, *turns]


def _text(chunk: Any) -> str:
    if not chunk.choices:
        return ""
    return chunk.choices[0].delta.content or ""
