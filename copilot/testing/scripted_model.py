"""A chat model that says what a test scripted.

Invariant: it honours ports.ChatModel as the real adapter does: the last chunk carries
``finish_reason`` and ``usage``, and what fails raises a ModelError.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace

from copilot.errors import ModelError
from copilot.messages import ModelChunk, ModelRequest, Usage


@dataclass(frozen=True, slots=True)
class Say:
    """One scripted answer. ``fail`` is raised after ``text`` was given, before any end mark."""

    text: str = ""
    fail: ModelError | None = None
    finish_reason: str = "stop"
    delay_s: float = 0.0


Script = Sequence[Say | str] | Callable[[ModelRequest], Say | str]


class ScriptedModel:
    """Answers from a script, its last entry again and again, or from a function of the request."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self.requests: list[ModelRequest] = []
        self.closed = 0

    async def stream(self, request: ModelRequest) -> AsyncIterator[ModelChunk]:
        say = self._next(request)
        try:
            for piece in re.findall(r"\S+\s*|\s+", say.text):
                await asyncio.sleep(say.delay_s)
                yield ModelChunk(text=piece)
            if say.fail is not None:
                await asyncio.sleep(say.delay_s)
                raise say.fail
            usage = replace(self.estimate(request, say.text), estimated=False)
            yield ModelChunk(finish_reason=say.finish_reason, usage=usage)
        finally:
            self.closed += 1

    def estimate(self, request: ModelRequest, text: str) -> Usage:
        """A word is a token, and costs nothing."""
        read = [request.system, *(turn.text for turn in request.turns)]
        words = sum(len(one.split()) for one in read)
        return Usage(request.model, words, len(text.split()), 0, estimated=True)

    def most(self, request: ModelRequest) -> Usage:
        return replace(self.estimate(request, ""), output_tokens=request.max_output_tokens)

    def _next(self, request: ModelRequest) -> Say:
        self.requests.append(request)
        if callable(self._script):
            say = self._script(request)
        else:
            say = self._script[min(len(self.requests), len(self._script)) - 1]
        return Say(say) if isinstance(say, str) else say
