"""Records that a model reads out of a text, each value proven by the words that it copied."""

from __future__ import annotations

from copilot.extraction.modelled.extractor import ModelExtractor

__all__ = ["ModelExtractor"]
