"""JSON of a schema from a model that this process runs itself.

Invariant: what is written is held to the schema token by token, as far as llama.cpp can express
it; a request that is broken off is reported too.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

from copilot.adapters.models.answers import read_json
from copilot.adapters.models.local_chat import Load, Local, Writing
from copilot.adapters.models.local_engine import load
from copilot.adapters.models.local_weights import weights
from copilot.adapters.models.requests import messages
from copilot.errors import ModelError, StoppedError
from copilot.events import ModelAttempt
from copilot.extracted import StructuredAnswer, StructuredRequest
from copilot.messages import Usage
from copilot.metering import requested
from copilot.spending import Bill, Purse


class LocalStructured:
    """A StructuredModel by its name, ``local/…``."""

    def __init__(
        self,
        model: str,
        *,
        context_tokens: int = 0,
        purse: Purse | None = None,
        within_s: float = 120.0,
        load: Load = load,
    ) -> None:
        """``purse`` pays for requests, which end within these seconds.

        Raises ConfigError for a name that can't be a local model's.
        """
        self._local = Local(weights(model), context_tokens, load)
        self._purse = purse
        self._within_s = within_s

    def warm(self) -> threading.Thread:
        """Load it in a thread; the first call then waits for what is left of that."""
        return self._local.warm()

    async def complete(
        self, request: StructuredRequest
    ) -> AsyncGenerator[ModelAttempt | StructuredAnswer]:
        """As the port says. Cancelling its task ends the work, and tells the meter."""
        bill = Bill(self._purse, within_s=self._within_s)
        await bill.hold(lambda: self.most(request))
        call = _Call(self._local, request, bill)
        try:
            answer = await call.answer()
        except asyncio.CancelledError:
            requested(call.report(StoppedError("interrupted")))
            raise
        except ModelError as error:
            yield call.report(error)
            raise
        yield call.report(None)
        yield answer

    def most(self, request: StructuredRequest) -> Usage:
        """Counted by the model's own tokens; nobody reads the schema."""
        return self._local.most(request)


class _Call:
    """One request and its report."""

    def __init__(self, local: Local, request: StructuredRequest, bill: Bill) -> None:
        self._local = local
        self._bill = bill
        self._request = request
        self._writing: Writing | None = None
        self._began = time.perf_counter()

    async def answer(self) -> StructuredAnswer:
        request = self._request
        engine = await asyncio.to_thread(self._local.engine)
        prompt = await asyncio.to_thread(engine.read, messages(request))
        grammar = await asyncio.to_thread(engine.grammar, json.dumps(dict(request.json_schema)))
        self._writing = writing = Writing(engine, prompt, request, grammar=grammar)
        async with aclosing(writing.texts()) as texts:
            text = "".join([piece async for piece in texts])
        read, cut = read_json(text), writing.finish_reason == "length"
        if read is None and cut:
            raise ModelError(
                f"{request.model}: the answer was cut after {writing.usage().output_tokens} tokens",
                hint="extract fewer fields, or from a shorter text",
            )
        if read is None:
            raise ModelError(
                f"{request.model}: the answer is no JSON",
                hint="choose a model that can answer with JSON, or extract without one",
            )
        data, whole = read
        return StructuredAnswer(data, writing.usage(), whole=whole and not cut)

    def report(self, error: ModelError | StoppedError | None) -> ModelAttempt:
        """What became of the request. A request that was not taken has no usage."""
        usage: Usage | None = None
        if self._writing is not None:
            usage = self._writing.usage(estimated=isinstance(error, StoppedError))
        self._bill.settle_now(usage)
        return ModelAttempt(
            model=self._request.model,
            outcome="ok" if error is None else "failed",
            error="" if error is None else f"{type(error).__name__}: {error.message}",
            usage=usage,
            latency_ms=(time.perf_counter() - self._began) * 1000,
        )
