"""Runs a model of a .gguf file inside this process, with llama.cpp.

Invariant: nothing is printed and no file descriptor is touched; one text is written at a time,
and whoever stops it waits for no more than a slice of what is read.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol, cast

from copilot.adapters.models.local_weights import INSTALL, Weights
from copilot.errors import ModelRequestError, ModelStreamError

# What a person's machine has room for, where a model could read a hundred times as much.
WINDOW = 8192
_SLICE = 128  # tokens read between two looks at whether to go on: a second on one slow core
_POLL_S = 0.05
_CHATML = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n"
    "{% endfor %}<|im_start|>assistant\n"
)
_lock = threading.Lock()
_engines: dict[tuple[Path, int], Engine] = {}
_silent: list[object] = []  # llama.cpp keeps the address, so somebody must keep the function


class Engine(Protocol):
    """A loaded model. ``window``: tokens that it reads and writes at once."""

    window: int

    def read(self, messages: Sequence[Mapping[str, str]]) -> list[int]:
        """The tokens of a conversation, up to where its answer begins."""
        ...

    def count(self, text: str) -> int:
        """How many tokens a text is."""
        ...

    def grammar(self, schema: str) -> str:
        """What holds an answer to a JSON schema, for ``write``."""
        ...

    def write(
        self,
        prompt: Sequence[int],
        *,
        temperature: float,
        grammar: str,
        stopped: Callable[[], bool],
    ) -> Iterator[bytes]:
        """The answer's tokens, one by one, until it ends. Raises ModelError.

        It ends early once ``stopped``. An empty ``grammar`` lets it write anything.
        """
        ...


def load(weights: Weights, context_tokens: int = 0) -> Engine:
    """The model, loaded once in a process; the first call takes a second or more.

    ``context_tokens``: how much it shall read at once; 0: what it was made for, up to ``WINDOW``.
    Raises ModelError.
    """
    with _lock:
        path = weights.path()
        key = (path, context_tokens)
        if key not in _engines:
            _engines[key] = LlamaEngine(weights.name, path, context_tokens)
        return _engines[key]


class LlamaEngine:
    """An Engine of llama-cpp-python."""

    def __init__(self, name: str, path: Path, context_tokens: int) -> None:
        self._name = name
        self._library = library = _library(name)
        self._writing = threading.Lock()
        try:
            self._llama = _stoppable(library)(
                model_path=str(path),
                n_ctx=context_tokens or WINDOW,
                n_threads=_threads(),
                n_threads_batch=_threads(),
                verbose=False,
            )
        except (ValueError, RuntimeError, OSError, MemoryError) as error:
            raise ModelRequestError(
                f"{name}: llama.cpp can't load {path}: {error}",
                hint="choose a .gguf file that it can read, and that fits into memory",
            ) from error
        model = self._llama._model
        self.window = min(self._llama.n_ctx(), model.n_ctx_train() or WINDOW)
        self._vocabulary = model.vocab
        self._control = _alternatives(self._control_texts())
        self._form = self._template()

    def read(self, messages: Sequence[Mapping[str, str]]) -> list[int]:
        harmless = [{**one, "content": self._harmless(one["content"])} for one in messages]
        try:
            form = self._form(messages=harmless)
        except _template_errors():
            form = self._form(messages=_without_system(harmless))
        text = str(form.prompt).encode("utf-8", "replace")
        return cast("list[int]", self._llama.tokenize(text, add_bos=False, special=True))

    def count(self, text: str) -> int:
        return len(self._llama.tokenize(text.encode("utf-8", "replace"), add_bos=False))

    def grammar(self, schema: str) -> str:
        """As the port says; any JSON object where llama.cpp can't express the schema."""
        from llama_cpp import llama_grammar

        try:
            found = str(llama_grammar.json_schema_to_gbnf(schema))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, AssertionError):
            return str(llama_grammar.JSON_GBNF)
        return found if self._takes(found) else str(llama_grammar.JSON_GBNF)

    def write(
        self,
        prompt: Sequence[int],
        *,
        temperature: float,
        grammar: str,
        stopped: Callable[[], bool],
    ) -> Iterator[bytes]:
        while not self._writing.acquire(timeout=_POLL_S):
            if stopped():
                return
        try:
            yield from self._tokens(prompt, temperature, grammar, stopped)
        except _StoppedError:
            return
        except (RuntimeError, ValueError, OSError, MemoryError) as error:
            self._llama.reset()
            raise ModelStreamError(f"{self._name}: llama.cpp broke off: {error}") from error
        finally:
            self._writing.release()

    def _tokens(
        self,
        prompt: Sequence[int],
        temperature: float,
        grammar: str,
        stopped: Callable[[], bool],
    ) -> Iterator[bytes]:
        library, llama = self._library, self._llama
        llama.stopped = stopped
        held = library.LlamaGrammar.from_string(grammar, verbose=False) if grammar else None
        for token in llama.generate(list(prompt), temp=temperature, grammar=held):
            if stopped() or library.llama_vocab_is_eog(self._vocabulary, token):
                return
            yield llama.detokenize([token])

    def close(self) -> None:
        self._llama.close()

    def _harmless(self, text: str) -> str:
        """The text, in which nothing passes for the end of a message or the beginning of one."""
        return self._control.sub(lambda match: f"{match[0][0]} {match[0][1:]}", text)

    def _control_texts(self) -> list[str]:
        library, size = self._library, self._llama.n_vocab()
        special = (n for n in range(size) if library.llama_vocab_is_control(self._vocabulary, n))
        texts = (library.llama_vocab_get_text(self._vocabulary, n) for n in special)
        return [text.decode("utf-8", "replace") for text in texts if text]

    def _template(self) -> Callable[..., Any]:
        from llama_cpp.llama_chat_format import Jinja2ChatFormatter

        llama = self._llama
        ends, begins = (
            self._library.llama_vocab_get_text(self._vocabulary, n).decode() if n >= 0 else ""
            for n in (llama.token_eos(), llama.token_bos())
        )
        template = llama.metadata.get("tokenizer.chat_template", _CHATML)
        made = Jinja2ChatFormatter(template=template, eos_token=ends, bos_token=begins)
        return cast("Callable[..., Any]", made)

    def _takes(self, grammar: str) -> bool:
        """Whether llama.cpp can read it; a sampler of one that it can't would crash."""
        root = ctypes.c_char_p(b"root")
        sampler = self._library.llama_sampler_init_grammar(
            self._vocabulary, grammar.encode(), root.value
        )
        if not sampler:
            return False
        self._library.llama_sampler_free(sampler)
        return True


class _StoppedError(Exception):
    """Raised amid a prompt that nobody waits for any more."""


def _stoppable(library: ModuleType) -> type[Any]:
    class Stoppable(library.Llama):  # type: ignore[misc, name-defined]
        """Reads a prompt in slices, and looks between them whether it shall go on."""

        stopped: Callable[[], bool] | None = None

        def eval(self, tokens: Sequence[int]) -> None:
            for start in range(0, len(tokens), _SLICE):
                if self.stopped is not None and self.stopped():
                    raise _StoppedError
                super().eval(tokens[start : start + _SLICE])

    return Stoppable


def _library(name: str) -> ModuleType:
    try:
        import llama_cpp
        import llama_cpp._internals
        import llama_cpp.llama
    except (ImportError, OSError, RuntimeError) as error:
        raise ModelRequestError(
            f"{name}: llama-cpp-python is not installed, or not for this machine: {error}",
            hint=INSTALL,
        ) from error
    if not _silent:
        silent = llama_cpp.llama_log_callback(lambda level, text, data: None)
        llama_cpp.llama_log_set(silent, ctypes.c_void_p(0))
        _silent.append(silent)
        # to be quiet, it would point the whole process's stdout to nowhere while it loads
        for module in (llama_cpp.llama, llama_cpp._internals):
            module.suppress_stdout_stderr = lambda disable=True: nullcontext()
        atexit.register(_close)
    return cast("ModuleType", llama_cpp)


def _close() -> None:
    """Before the interpreter takes apart what closing needs."""
    for engine in _engines.values():
        if isinstance(engine, LlamaEngine):
            engine.close()
    _engines.clear()


def _threads() -> int:
    """All cores but one: a thread of llama.cpp that waits for another spins.

    On two busy cores, 30 tokens took 0.8 s on one thread and 33 s on two.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, (cores or 2) - 1)


def _alternatives(texts: Sequence[str]) -> re.Pattern[str]:
    """Any of the texts that is longer than a character; nothing where there is none."""
    longest_first = sorted((one for one in texts if len(one) > 1), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")


def _template_errors() -> tuple[type[Exception], ...]:
    from jinja2 import TemplateError

    return (TemplateError, ValueError)


def _without_system(messages: Sequence[Mapping[str, str]]) -> list[Mapping[str, str]]:
    """For a model that knows no system message: it stands before the first question."""
    if not messages or messages[0]["role"] != "system":
        return list(messages)
    system, *rest = messages
    if not rest:
        return [{"role": "user", "content": system["content"]}]
    return [{**rest[0], "content": f"{system['content']}\n\n{rest[0]['content']}"}, *rest[1:]]
