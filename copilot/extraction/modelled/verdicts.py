"""What becomes of one value that a model gave.

Invariant: what is proven has its words in the text; what is refused says why, for whoever is asked
again.
"""

from __future__ import annotations

from dataclasses import dataclass

from copilot.extracted import Evidence, Json, NullReason

# How often a value that passed was right, by what its kind could be checked for.
SURE_COPIED = 0.9
SURE_CHECKED = 0.85
SURE_TOLD = 0.75
SURE_FREE = 0.6


@dataclass(frozen=True, slots=True)
class Proven:
    """A value and the words that say it. ``normalised_from``: the text's form, if another."""

    value: Json
    evidence: Evidence
    confidence: float
    normalised_from: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a value isn't taken; ``why`` is what a model is told."""

    reason: NullReason
    why: str


Verdict = Proven | Refused


def not_said(what: str) -> Refused:
    """The quote is there, and doesn't say it."""
    return Refused(NullReason.VALUE_NOT_IN_QUOTE, f"the quote doesn't say {what}")
