"""Answers made of verbatim quotes: what they are, and the answerer that picks them.

Invariant: importing this is cheap; numpy is loaded with the first answer.
"""

from copilot.answering.quoting.answerer import QuotingAnswerer
from copilot.answering.quoting.values import Quote, QuotedAnswer, ScoredUnit

__all__ = ["Quote", "QuotedAnswer", "QuotingAnswerer", "ScoredUnit"]
