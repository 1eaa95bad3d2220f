"""The extractors that a bench measures, built as the composition root builds them."""

from __future__ import annotations

from copilot.adapters.parsing.dates import DateParserWords
from copilot.adapters.parsing.phones import LibPhoneNumbers
from copilot.config.records import ExtractionSettings
from copilot.extraction.finding.finding import Parsers
from copilot.extraction.rules import RuleExtractor
from tests.corpora import REPOSITORY


def rule_extractor(settings: ExtractionSettings) -> RuleExtractor:
    """The extractor without a model, with the examples of this checkout."""
    parsers = Parsers(phones=LibPhoneNumbers(), dates=DateParserWords())
    return RuleExtractor(settings, parsers, examples=REPOSITORY / "data" / "extraction_examples")
