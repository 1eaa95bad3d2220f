"""A chat model that this process runs itself, behind ports.ChatModel.

Invariant: the model works in a thread of its own, so no loop waits for it; a stream that is
closed or cancelled ends the work; it costs nothing and asks nobody.
"""

from __future__ import annotations

import asyncio
import codecs
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace

from copilot.adapters.models.local_engine import Engine, load
from copilot.adapters.models.local_weights import Weights, weights
from copilot.adapters.models.requests import messages
from copilot.errors import ModelContextError, ModelError
from copilot.extracted import StructuredRequest
from copilot.messages import ModelChunk, ModelRequest, Usage

Load = Callable[[Weights, int], Engine]
# An answer that has room for fewer tokens, though it may be longer, isn't begun.
_LEAST_ROOM = 128
_CHARACTERS_A_TOKEN = 4


class LocalChat:
    """A chat model by its name, ``local/…``. ``context_tokens``: 0 for what it was made for."""

    def __init__(self, model: str, *, context_tokens: int = 0, load: Load = load) -> None:
        """Raises ConfigError for a name that can't be a local model's."""
        self._local = Local(weights(model), context_tokens, load)

    def warm(self) -> threading.Thread:
        """Load it in a thread; the first call then waits for what is left of that."""
        return self._local.warm()

    async def stream(self, request: ModelRequest) -> AsyncIterator[ModelChunk]:
        """As the port says. The request is taken once it is known to fit."""
        engine = await asyncio.to_thread(self._local.engine)
        prompt = await asyncio.to_thread(engine.read, messages(request))
        writing = Writing(engine, prompt, request)
        yield ModelChunk()
        async with aclosing(writing.texts()) as texts:
            async for text in texts:
                yield ModelChunk(text=text)
        yield ModelChunk(finish_reason=writing.finish_reason, usage=writing.usage())

    def estimate(self, request: ModelRequest, text: str) -> Usage:
        """Counted by the model's own tokens; by characters where it can't be loaded."""
        return self._local.estimate(request, text)

    def most(self, request: ModelRequest) -> Usage:
        """Counted as ``estimate`` does."""
        return self._local.most(request)


@dataclass(frozen=True, slots=True)
class Local:
    """A local model, loaded when it is first needed."""

    weights: Weights
    context_tokens: int
    load: Load

    def engine(self) -> Engine:
        """Raises ModelError."""
        return self.load(self.weights, self.context_tokens)

    def warm(self) -> threading.Thread:
        thread = threading.Thread(target=self._load_if_possible, name="load-local-model")
        thread.start()
        return thread

    def _load_if_possible(self) -> None:
        with suppress(ModelError):  # the first call tells
            self.engine()

    def estimate(self, request: ModelRequest | StructuredRequest, text: str) -> Usage:
        try:
            engine = self.engine()
            read, wrote = len(engine.read(messages(request))), engine.count(text)
        except ModelError:
            characters = sum(len(one["content"]) for one in messages(request))
            read, wrote = characters // _CHARACTERS_A_TOKEN, len(text) // _CHARACTERS_A_TOKEN
        return Usage(request.model, read, wrote, 0, estimated=True)

    def most(self, request: ModelRequest | StructuredRequest) -> Usage:
        return replace(self.estimate(request, ""), output_tokens=request.max_output_tokens)


class Writing:
    """One answer in the making. ``finish_reason`` is ``stop`` or ``length`` once it is whole."""

    def __init__(
        self,
        engine: Engine,
        prompt: list[int],
        request: ModelRequest | StructuredRequest,
        *,
        grammar: str = "",
    ) -> None:
        """Raises ModelContextError where the model can't read the prompt and answer it."""
        room = engine.window - len(prompt)
        if room < min(request.max_output_tokens, _LEAST_ROOM):
            raise ModelContextError(
                f"{request.model}: the request is longer than the model can read: {len(prompt)} "
                f"tokens, of {engine.window} for it and its answer",
                hint="choose a model with a larger context in models.answer, or extraction.model",
            )
        self._engine = engine
        self._prompt = prompt
        self._request = request
        self._grammar = grammar
        self._limit = min(request.max_output_tokens, room)
        self._wrote = 0
        self._over = threading.Event()
        self.finish_reason = ""

    def usage(self, *, estimated: bool = False) -> Usage:
        """What was read and written by now."""
        read = len(self._prompt)
        return Usage(self._request.model, read, self._wrote, 0, estimated=estimated)

    async def texts(self) -> AsyncGenerator[str]:
        """The answer piece by piece. Raises a ModelError."""
        loop = asyncio.get_running_loop()
        pieces: asyncio.Queue[str | ModelError | None] = asyncio.Queue()

        def put(piece: str | ModelError | None) -> None:
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(pieces.put_nowait, piece)

        threading.Thread(target=self._work, args=(put,), name="local-model").start()
        try:
            while (piece := await pieces.get()) is not None:
                if isinstance(piece, ModelError):
                    raise piece
                yield piece
        finally:
            self._over.set()

    def _work(self, put: Callable[[str | ModelError | None], None]) -> None:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        tokens = self._engine.write(
            self._prompt,
            temperature=self._request.temperature,
            grammar=self._grammar,
            stopped=self._over.is_set,
        )
        finish = "stop"
        try:
            for token in tokens:
                self._wrote += 1
                if text := decoder.decode(token):
                    put(text)
                if self._wrote >= self._limit:
                    finish = "length"
                    break
        except ModelError as error:
            put(error)
            return
        finally:
            close = getattr(tokens, "close", None)
            if close is not None:
                close()
        if text := decoder.decode(b"", final=True):
            put(text)
        self.finish_reason = finish
        put(None)
