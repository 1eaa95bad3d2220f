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
from copilot.adapters.models.failures import ended_early, translate
from copilot.adapters.models.requests import Requests, failures, marked
from copilot.errors import ModelError, ModelRefusedError
from copilot.messages import ModelChunk, ModelRequest, Usage

if TYPE_CHECKING:
    from copilot.config.models import ModelSettings


class LiteLLMChat:
    """A chat model by its litellm name. The key is asked for at each call, never kept."""

    def __init__(self, settings: ModelSettings, *, key_for: Callable[[str], str | None]) -> None:
        self.settings = settings
        self._requests = Requests(settings, key_for=key_for)

    def warm(self) -> threading.Thread:
        """Import litellm in a thread; the first call then waits for what is left of it."""
        return loading.warm()

    async def stream(self, request: ModelRequest) -> AsyncIterator[ModelChunk]:
        """Text as it comes; the last chunk has ``finish_reason`` and ``usage``.

        Raises a ModelError. Closing the iterator, or cancelling its task, closes the connection.
        """
        litellm = await asyncio.to_thread(loading.load_litellm)
        key = await asyncio.to_thread(self._requests.key, request.model)
        raised = failures()
        started = False
        stream = None
        try:
            stream = await litellm.acompletion(**self._arguments(request, key))
            yield ModelChunk()  # taken: from here on it is paid for
            async for chunk in stream:
                if text := _text(chunk):
                    started = True
                    yield ModelChunk(text=text)
            last = self._last(litellm, request, stream)
            if isinstance(last, ModelError):
                yield ModelChunk(usage=self._counted(litellm, request.model, stream))
                raise last
        except raised as error:
            raise translate(
                error,
                model=request.model,
                api_base=self.settings.api_base,
                key=key,
                key_name=self.settings.key,
                started=started,
            ) from error
        finally:
            if stream is not None:
                # The answer is whole, or its failure is on its way: closing changes neither.
                with contextlib.suppress(*raised):
                    await stream.aclose()
        yield last

    def _arguments(self, request: ModelRequest, key: str | None) -> dict[str, Any]:
        arguments = self._requests.arguments(
            request, key=key, silent_s=self.settings.first_token_timeout_s
        )
        said = marked(arguments["messages"], request.model)
        stream = {"stream": True, "stream_options": {"include_usage": True}}
        return {**arguments, "messages": said, **stream, "max_retries": 0}

    def estimate(self, request: ModelRequest, text: str) -> Usage:
        """As ``Requests.estimate``."""
        return self._requests.estimate(loading.load_litellm(), request, text)

    def most(self, request: ModelRequest) -> Usage:
        """As ``Requests.most``."""
        return self._requests.most(loading.load_litellm(), request)

    def _last(
        self, litellm: ModuleType, request: ModelRequest, stream: Any
    ) -> ModelChunk | ModelError:
        """The closing chunk; a ModelError when the provider never ended the answer, or cut it."""
        finish = stream.received_finish_reason or stream.intermittent_finish_reason
        if not finish:
            return ended_early(request.model)
        if finish == "content_filter":
            return ModelRefusedError(
                f"{request.model}: the provider's content filter cut the answer"
            )
        usage = self._counted(litellm, request.model, stream)
        if usage is None:
            whole = litellm.stream_chunk_builder(stream.chunks, messages=stream.messages)
            counts = getattr(whole, "usage", None)
            usage = self._requests.usage(litellm, request.model, counts, estimated=True)
        if not usage.input_tokens:
            text = "".join(_text(chunk) for chunk in stream.chunks)
            usage = self._requests.estimate(litellm, request, text)
        return ModelChunk(finish_reason=str(finish), usage=usage)

    def _counted(self, litellm: ModuleType, model: str, stream: Any) -> Usage | None:
        """The provider's own count, if it came; that nothing was read is none."""
        told = [getattr(chunk, "usage", None) for chunk in stream.chunks]
        counted = [one for one in told if (getattr(one, "prompt_tokens", 0) or 0) > 0]
        return (
            self._requests.usage(litellm, model, counted[-1], estimated=False) if counted else None
        )


def _text(chunk: Any) -> str:
    if not chunk.choices:
        return ""
    return chunk.choices[0].delta.content or ""
