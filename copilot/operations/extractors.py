"""What reads records, built for a Copilot: schemas, texts, a model, and rules.

Invariant: nothing is imported before it is needed, but what ``load`` is asked to load.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from copilot.adapters.system import new_id
from copilot.bootstrap import Copilot
from copilot.config.cores import usable_cores
from copilot.errors import CopilotError
from copilot.extracted import SourceText
from copilot.schemas import Check, Schema

if TYPE_CHECKING:
    from copilot.config.paths import Paths
    from copilot.config.schema import Settings
    from copilot.extraction.assembling import Draft
    from copilot.extraction.extracting import ExtractParts, ModelReads, RulesRead
    from copilot.extraction.finding.finding import Parsers
    from copilot.extraction.items import TextReaders
    from copilot.extraction.rules import RuleExtractor
    from copilot.extraction.trying import ExtractTrials
    from copilot.ports import Embedder, RunGroup

# A mail with a number and a date in words, so that what reads these is loaded.
_LIKE_ANY = SourceText(
    "",
    "From: A. Lund <a@lund.example>\n\nHello,\n\nplease call +44 20 7946 0018 by 3 March 2026.\n",
    "",
)


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

    def check_for(self, asked: str) -> Check | None:
        """What that schema says of an edited record; None where it isn't at hand any more.

        What can't be checked can't be edited.
        """
        try:
            return self.schema(asked).check
        except CopilotError:
            return None

    @property
    def shipped(self) -> tuple[str, ...]:
        """The names of the schemas that ship."""
        from copilot.config.paths import bundled

        return tuple(sorted(path.stem for path in bundled("schemas").glob("*.json")))

    @property
    def most_bytes(self) -> int:
        """How large an input may be."""
        return int(self._settings.max_input_mb * 1_000_000)

    @property
    def readers(self) -> TextReaders:
        """How inputs of every kind become texts to read."""
        from copilot.extraction.items import TextReaders

        return TextReaders(
            file=self.texts_of_file,
            piped=self.texts_of_bytes,
            text=self.text_as_given,
            most_bytes=self.most_bytes,
        )

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
        gateway = self._copilot.routes.structured("extract")
        if gateway is None:
            return None
        from copilot.extraction.modelled import ModelExtractor, finder

        gateway.route.warm()
        find = finder(self._settings, self._parsers)
        return ModelExtractor(gateway, self._settings, prompts=self._copilot.prompts, find=find)

    @cached_property
    def rules(self) -> RuleExtractor:
        """Reads by rules alone, in this process."""
        from copilot.extraction.rules import RuleExtractor

        return RuleExtractor(self._settings, self._parsers, self._bundled_embedder)

    @cached_property
    def _parsers(self) -> Parsers:
        from copilot.adapters.parsing.dates import DateParserWords
        from copilot.adapters.parsing.phones import LibPhoneNumbers
        from copilot.extraction.finding.finding import Parsers

        return Parsers(phones=LibPhoneNumbers(), dates=DateParserWords())

    def _bundled_embedder(self) -> Embedder:
        """The weights that ship, whatever is configured: rules ask nobody. One core, as there may
        be several processes of them.
        """
        from copilot.adapters.embedding.kept import KeptEmbedder
        from copilot.adapters.embedding.minilm import MiniLmEmbedder

        cache = self._copilot.paths.cache
        small = MiniLmEmbedder(threads=1, stamps=cache / "verified")
        return KeptEmbedder(small, cache / "examples")

    def parts(self, rules: RulesRead | None = None) -> ExtractParts:
        """What one extraction works with. ``rules``: how they read, if not in a thread."""
        from copilot.extraction.extracting import ExtractParts

        return ExtractParts(
            rules=rules or self.read_by_rules,
            model=self.model,
            principal=self._copilot.where.principal,
            clock=self._copilot.clock,
            new_id=new_id,
            release=self._copilot.release,
            trying=None if self.model is None else self._trials.of,
        )

    @cached_property
    def _trials(self) -> ExtractTrials:
        """The variants of the experiments that a reading takes part in."""
        from copilot.extraction.trying import ExtractTrials, Varied

        def varied(overrides: Mapping[str, object]) -> Varied:
            other = Extractors(self._copilot.with_variant(overrides))
            return Varied(other.model, other._copilot.release)

        return ExtractTrials(self._copilot.flags, varied)

    @property
    def jobs(self) -> int:
        """How many processes read many inputs."""
        return self._settings.jobs or usable_cores()

    @property
    def origin(self) -> tuple[Settings, Paths, str]:
        """What another process builds the same from: the last is the active release."""
        return self._copilot.settings, self._copilot.paths, self._copilot.pinned

    @property
    def run_group(self) -> RunGroup:
        """A new writer for runs that are recorded together."""
        return self._copilot.run_group

    def load(self, schema: Schema) -> None:
        """Load now what rules load with the first texts, but for the embedder: it has threads."""
        from copilot.extraction.rules import RuleExtractor

        RuleExtractor(self._settings, self._parsers).extract(_LIKE_ANY, schema)

    async def read_by_rules(self, source: SourceText, schema: Schema) -> Sequence[Draft]:
        """``extract`` of ``rules``, in a thread."""
        return await asyncio.to_thread(self.rules.extract, source, schema)
