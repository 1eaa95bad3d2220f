"""Patterns that a person wrote, on texts that come from anybody.

Invariant: each look has an end, ``PATTERN_S`` seconds after it began.
"""

from __future__ import annotations

PATTERN_S = 0.1


def matches_all(pattern: str, text: str) -> bool | None:
    """Whether the pattern takes all of the text; None when that took too long to tell."""
    import regex

    try:
        found = regex.fullmatch(pattern, text, regex.VERSION0 | regex.DOTALL, timeout=PATTERN_S)
    except TimeoutError:
        return None
    return found is not None
