"""Answers calls of the first run."""

from __future__ import annotations

from collections.abc import Mapping

from copilot.bootstrap import Copilot
from copilot.calls import Call
from copilot.calls.welcome import QuestionsSuggested, SuggestQuestions
from copilot.serving.handling.core import Handler, blocking


def _suggested(copilot: Copilot, call: SuggestQuestions) -> QuestionsSuggested:
    from copilot.knowledge.suggesting import suggested

    return QuestionsSuggested(tuple(suggested(copilot.index, copilot.where, limit=call.limit)))


HANDLERS: Mapping[type[Call], Handler] = {SuggestQuestions: blocking(_suggested)}
