"""Calls of the first run: questions to begin with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SuggestQuestions:
    """Asks for questions that the index's own headings suggest."""

    limit: int = 3


@dataclass(frozen=True, slots=True)
class QuestionsSuggested:
    """None where there are no documents, or no headings in them."""

    questions: tuple[str, ...]


Call = SuggestQuestions
Reply = QuestionsSuggested
