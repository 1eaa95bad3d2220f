"""Chooses among candidates of one role by scores; says when nothing tells which is meant.

Invariant: of two equally good candidates with different values neither is taken, unless one is said
first by who asks and the role takes the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from copilot.extracted import FieldValue, Json, NullReason
from copilot.extraction.candidates import Candidate
from copilot.extraction.filling.context import Context, nothing


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate with its worth for a role; ``value`` as the field wants it."""

    worth: float
    start: int
    end: int
    value: Json
    confidence: float = 0.9


def scored(candidate: Candidate, worth: float) -> Scored:
    return Scored(worth, candidate.start, candidate.end, candidate.value, candidate.confidence)


def best(
    context: Context, found: Sequence[Scored], *, least: float = 0.0, margin: float = 0.0
) -> FieldValue:
    """The worthiest; AMBIGUOUS where one with another value comes nearer than ``margin``."""
    told = [one for one in found if one.worth >= least]
    if not told:
        return nothing()
    told.sort(key=lambda one: (-one.worth, one.start))
    top = told[0]
    rival = next((one for one in told if one.value != top.value), None)
    if margin and rival is not None and top.worth - rival.worth < margin:
        return nothing(NullReason.AMBIGUOUS)
    sure = top.confidence * (1.0 if rival is None else 0.9)
    return context.value(top.start, top.end, value=top.value, confidence=sure)
