"""Records that a model reads out of a text, each value proven by the words that it copied."""

from __future__ import annotations

from copilot.extraction.modelled.extractor import ModelExtractor
from copilot.extraction.modelled.stated import finder

__all__ = ["ModelExtractor", "finder"]
