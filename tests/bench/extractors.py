"""The extractors that a bench measures, built as the composition root builds them."""

from __future__ import annotations

from copilot.adapters.embedding.minilm import MiniLmEmbedder
from copilot.adapters.parsing.dates import DateParserWords
from copilot.adapters.parsing.phones import LibPhoneNumbers
from copilot.config.records import ExtractionSettings
from copilot.extraction.finding.finding import Parsers
from copilot.extraction.rules import RuleExtractor
from copilot.ports import Embedder
from tests.corpora import REPOSITORY


def rule_extractor(settings: ExtractionSettings, *, embeds: bool = True) -> RuleExtractor:
    """The extractor without a model, with the examples of this checkout."""
    parsers = Parsers(phones=LibPhoneNumbers(), dates=DateParserWords())
    examples = REPOSITORY / "data" / "extraction_examples"
    return RuleExtractor(settings, parsers, embedder if embeds else None, examples)


def embedder() -> Embedder:
    """The default one, on one core: several processes work beside each other."""
    return MiniLmEmbedder(threads=1)
