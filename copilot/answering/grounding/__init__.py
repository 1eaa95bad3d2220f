"""Checks a written sentence against the passages that it cites."""

from __future__ import annotations

from copilot.answering.grounding.checking import Quoted, Verdict, check_cited
from copilot.answering.grounding.claim import Cited
from copilot.answering.grounding.code import check_code

__all__ = ["Cited", "Quoted", "Verdict", "check_cited", "check_code"]
