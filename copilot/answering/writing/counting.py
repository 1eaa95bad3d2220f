"""Counts a text's tokens without any model's tokenizer.

Invariant: it needs nothing but the text; against OpenAI's tokenizers it is 7 % too high on
average, and between 0.7 and 1.5 times their count for a passage of documentation
(``tests/bench/packing.py``).
"""

from __future__ import annotations

import re

_PIECE = re.compile(r"[^\W\d_]+|\d+|[^\w\s]|_|\n+")
_LETTERS_A_TOKEN = 8  # of a word in Latin letters; a rare one is cut where a syllable ends
_DIGITS_A_TOKEN = 3


def tokens(text: str) -> int:
    """About how many tokens a model reads in it; never 0 for a text with a word."""
    return sum(_tokens(match[0]) for match in _PIECE.finditer(text))


def _tokens(piece: str) -> int:
    if piece[0].isdigit():
        return -(-len(piece) // _DIGITS_A_TOKEN)
    if not piece[0].isalpha():
        return 1
    if piece.isascii():
        return 1 + (len(piece) - 1) // _LETTERS_A_TOKEN
    return max(1, len(piece) * 2 // 3)
