"""Answers that were written before: who may be given which, and when."""

from __future__ import annotations

from copilot.answering.caching.giving import AnswerCaching
from copilot.answering.caching.keys import Asking

__all__ = ["AnswerCaching", "Asking"]
