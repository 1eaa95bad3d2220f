"""A word that announces a value in the text's own words.

Invariant: the value is what follows the cue, or the sentence that the cue stands in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cue:
    """``after``: the value is what follows the cue; else all of the sentence, or the cue itself."""

    pattern: re.Pattern[str]
    after: bool = True
    confidence: float = 0.7


def cue(pattern: str, *, after: bool = True, confidence: float = 0.7) -> Cue:
    return Cue(re.compile(pattern), after, confidence)
