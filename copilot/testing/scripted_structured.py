"""A model that answers with the JSON that a test scripted.

Invariant: it honours handoff.StructuredModel as the real adapter does: one ``ModelAttempt`` a
request, then the answer, or its ModelError.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass

from copilot.errors import ModelError
from copilot.events import ModelAttempt
from copilot.extracted import Json, StructuredAnswer, StructuredRequest
from copilot.messages import Usage


@dataclass(frozen=True, slots=True)
class Give:
    """One scripted answer. ``fail`` is raised in its stead; ``tokens`` are (read, written)."""

    data: Mapping[str, Json] | None = None
    fail: ModelError | None = None
    whole: bool = True
    tokens: tuple[int, int] = (11, 7)
    delay_s: float = 0.0


Script = (
    Sequence[Give | Mapping[str, Json]] | Callable[[StructuredRequest], Give | Mapping[str, Json]]
)


class ScriptedStructuredModel:
    """Answers from a script, its last entry again and again, or from a function of the request."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self.requests: list[StructuredRequest] = []

    async def complete(
        self, request: StructuredRequest
    ) -> AsyncGenerator[ModelAttempt | StructuredAnswer]:
        give = self._next(request)
        await asyncio.sleep(give.delay_s)
        usage = Usage(request.model, *give.tokens, 0)
        if give.fail is not None:
            error = f"{type(give.fail).__name__}: {give.fail.message}"
            yield ModelAttempt(request.model, "failed", error)
            raise give.fail
        yield ModelAttempt(request.model, "ok", usage=usage)
        yield StructuredAnswer(give.data or {}, usage, whole=give.whole)

    def most(self, request: StructuredRequest) -> Usage:
        """A word is a token, and costs nothing."""
        words = len(request.system.split()) + sum(len(one.text.split()) for one in request.turns)
        return Usage(request.model, words, request.max_output_tokens, 0, estimated=True)

    def _next(self, request: StructuredRequest) -> Give:
        self.requests.append(request)
        if callable(self._script):
            give = self._script(request)
        else:
            give = self._script[min(len(self.requests), len(self._script)) - 1]
        return give if isinstance(give, Give) else Give(give)
