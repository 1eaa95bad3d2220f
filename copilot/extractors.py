"""What reads records, built for a Copilot: schemas, texts, a model, and rules in processes.

Invariant: a few inputs are read in this process; others start only for many, hold nothing of one
input when they read the next, and end with the block that uses them.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from copilot.bootstrap import Copilot, new_id
from copilot.errors import LimitError
from copilot.extracted import SourceText
from copilot.schemas import Schema, anything_goes

if TYPE_CHECKING:
    from copilot.extraction.assembling import Draft
    from copilot.extraction.extracting import ExtractParts, ModelReads, RulesRead
    from copilot.extraction.finding.finding import Parsers
    from copilot.extraction.rules import RuleExtractor
    from copilot.ports import Embedder

# Starting a process takes about as long as reading so many texts.
_FEW = 32


class Extractors:
    """The parts of ``copilot extract``; none is imported before it is needed."""

    def __init__(self, copilot: Copilot) -> None:
        self._copilot = copilot
        self._settings = copilot.settings.extraction

    def schema(self, asked: str) -> Schema:
        """The schema that was asked for: a shipped name, a file, a class, a line of fields."""
        from copilot.adapters.schemas import json_check, record_class
        from copilot.config.paths import bundled
        from copilot.extraction.schemas import load_schema

        return load_schema(
            asked, shipped=bundled("schemas"), check_of=json_check, class_of=record_class
        )

    @property
    def most_bytes(self) -> int:
        """How large an input may be."""
        return int(self._settings.max_input_mb * 1_000_000)

    def texts_of_file(self, path: Path) -> Iterator[SourceText]:
        """The texts in a file of any format. Raises ReadError."""
        from copilot.adapters.readers.source_texts import texts_of_file

        return texts_of_file(path, most_bytes=self.most_bytes)

    def texts_of_bytes(self, data: bytes, name: str) -> Iterator[SourceText]:
        """The texts in what came through a pipe. Raises ReadError."""
        from copilot.adapters.readers.source_texts import texts_of_bytes

        return texts_of_bytes(data, name, most_bytes=self.most_bytes)

    def text_as_given(self, text: str, name: str) -> SourceText:
        """A text that is one already. Raises ReadError."""
        from copilot.adapters.readers.source_texts import text_as_given

        return text_as_given(text, name, most_bytes=self.most_bytes)

    @cached_property
    def model(self) -> ModelReads | None:
        """None when no model is configured for extraction."""
        if not self._settings.model:
            return None
        from copilot.adapters.models import build_structured_model
        from copilot.extraction.modelled import ModelExtractor, finder
        from copilot.gateway.structured import StructuredGateway

        models = self._copilot.settings.models
        model = build_structured_model(models, key_for=self._copilot.model_key)
        gateway = StructuredGateway(model, models, self._copilot.clock)
        gateway.warm()
        find = finder(self._settings, self._parsers)
        return ModelExtractor(gateway, self._settings, prompts=self._copilot.prompts, find=find)

    @cached_property
    def rules(self) -> RuleExtractor:
        """Reads by rules alone, in this process."""
        from copilot.extraction.rules import RuleExtractor

        return RuleExtractor(self._settings, self._parsers, _bundled_embedder)

    @cached_property
    def _parsers(self) -> Parsers:
        from copilot.adapters.parsing.dates import DateParserWords
        from copilot.adapters.parsing.phones import LibPhoneNumbers
        from copilot.extraction.finding.finding import Parsers

        return Parsers(phones=LibPhoneNumbers(), dates=DateParserWords())

    def parts(self, rules: RulesRead) -> ExtractParts:
        """What one extraction works with."""
        from copilot.extraction.extracting import ExtractParts

        return ExtractParts(
            rules=rules,
            model=self.model,
            principal=self._copilot.where.principal,
            clock=self._copilot.clock,
            new_id=new_id,
        )

    @contextmanager
    def rule_readers(self, schema: Schema) -> Iterator[RuleReaders]:
        """Readers by rules for many texts of one schema, in ``extraction.jobs`` processes."""
        processes = self._settings.jobs or os.cpu_count() or 1
        readers = RuleReaders(self._copilot, self.rules, schema, processes)
        try:
            yield readers
        finally:
            readers.close()


def _bundled_embedder() -> Embedder:
    """The weights that ship, whatever is configured: rules ask nobody. One core, as there may be
    several processes of them.
    """
    from copilot.adapters.embedding.minilm import MiniLmEmbedder

    return MiniLmEmbedder(threads=1)


class RuleReaders:
    """Reads texts here as long as they are few, in other processes from then on."""

    def __init__(
        self, copilot: Copilot, here: RuleExtractor, schema: Schema, processes: int
    ) -> None:
        self._copilot = copilot
        self._here = here
        self._schema = schema
        self._processes = processes
        self._pool: ProcessPoolExecutor | None = None
        self._begun = 0

    @property
    def at_once(self) -> int:
        """How many texts to have in hand, so that no process waits."""
        return 2 * self._processes + 1

    async def read(self, source: SourceText, schema: Schema) -> Sequence[Draft]:
        """What rules make of a text, as drafts. LimitError when a process died of it."""
        self._begun += 1
        if self._processes == 1 or self._begun <= _FEW:
            return await asyncio.to_thread(self._here.extract, source, schema)
        if self._pool is None:
            self._pool = self._started()
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._pool, _read, source)
        except BrokenProcessPool as error:
            raise LimitError(
                "a process that reads texts was ended from outside: perhaps it ran out of memory",
                hint="Set extraction.jobs to 1; with --out FILE, the same command goes on.",
            ) from error

    def _started(self) -> ProcessPoolExecutor:
        import multiprocessing

        schema = replace(self._schema, check=anything_goes)  # checked here, on the way out
        return ProcessPoolExecutor(
            self._processes,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_begin,
            initargs=(self._copilot.settings, self._copilot.paths, schema),
        )

    def close(self) -> None:
        """End the processes; what they have in hand is dropped."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)


# What a process of the pool reads with: it reads one schema all its life.
_worker: list[tuple[RuleExtractor, Schema]] = []


def _begin(settings: object, paths: object, schema: Schema) -> None:
    """The first thing that a process of the pool does. Ctrl-C is its parent's business."""
    from copilot.config.paths import Paths
    from copilot.config.schema import Settings

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if isinstance(settings, Settings) and isinstance(paths, Paths):
        _worker[:] = [(Extractors(Copilot(settings, paths)).rules, schema)]


def _read(source: SourceText) -> Sequence[Draft]:
    [(rules, schema)] = _worker
    return rules.extract(source, schema)
