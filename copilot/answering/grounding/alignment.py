"""Compares a sentence word by word with the passage's sentence that it was made from.

Invariant: a sentence that mostly repeats one of the passage's, with a number, name, word or
denial of its own put in, says something else, and the word that makes it so is named.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from copilot.answering.grounding.lexicon import (
    LIGHT,
    NEGATIONS,
    OPPOSITES,
    SYNONYMS,
    TURNING,
    UNTURNED_PREFIXES,
)
from copilot.knowledge.terms import STOP_WORDS, stem

# A sentence is taken to repeat a passage's when this share of its words stands there in order.
REPEATS = 0.6
_SHORT = 4
_WORD = re.compile(r"\w+(?:['.,:/-]\w+)*")


@dataclass(frozen=True, slots=True)
class Change:
    """``mine`` stands in the sentence where the passage has ``theirs``; either may be empty."""

    kind: str
    mine: str
    theirs: str


@dataclass(frozen=True, slots=True)
class _Piece:
    mine: list[str]
    theirs: list[str]
    inner: bool


def change(sentence: str, original: str, elsewhere: frozenset[str]) -> Change | None:
    """What the sentence changed in ``original``, if it repeats it and changed what it says.

    ``elsewhere``: stems of the other passage sentences that the claim also draws on.
    """
    mine, theirs = _words(sentence), _words(original)
    if not mine or not theirs:
        return None
    matcher = SequenceMatcher(
        None, [stem(w) for w in mine], [stem(w) for w in theirs], autojunk=False
    )
    codes = matcher.get_opcodes()
    same = sum(i2 - i1 for tag, i1, i2, _, _ in codes if tag == "equal")
    if same < REPEATS * len(mine):
        return None
    pieces = [
        _Piece(mine[i1:i2], theirs[j1:j2], inner=j1 > 0 and j2 < len(theirs))
        for tag, i1, i2, j1, j2 in codes
        if tag != "equal"
    ]
    return _denial(pieces) or _swap(pieces, mine, theirs, elsewhere)


def _words(text: str) -> list[str]:
    return [w.lower() for w in _WORD.findall(text.replace("’", "'"))]


def _denial(pieces: Sequence[_Piece]) -> Change | None:
    put_in = [w for p in pieces for w in p.mine if _denies(w)]
    left_out = [w for p in pieces for w in p.theirs if _denies(w)]
    inner = [
        w for p in pieces if p.inner and len(p.theirs) <= _SHORT for w in p.theirs if _denies(w)
    ]
    if len(put_in) > len(left_out):
        return Change("denial", put_in[-1], "")
    if len(inner) > len(put_in):
        return Change("denial", "", inner[0])
    return None


def _denies(word: str) -> bool:
    return word in NEGATIONS or word.endswith("n't")


def _swap(
    pieces: Sequence[_Piece], mine: Sequence[str], theirs: Sequence[str], elsewhere: frozenset[str]
) -> Change | None:
    my_stems, their_stems = {stem(w) for w in mine}, {stem(w) for w in theirs}
    for piece in pieces:
        if len(piece.mine) > _SHORT or len(piece.theirs) > _SHORT:
            continue
        new = [w for w in piece.mine if _says_something(w) and not _known(w, their_stems)]
        gone = [w for w in piece.theirs if _says_something(w) and not _known(w, my_stems)]
        for word in new:
            if turned := OPPOSITES.get(stem(word), frozenset()) & {stem(w) for w in piece.theirs}:
                return Change("opposite", word, next(w for w in piece.theirs if stem(w) in turned))
            if unturned := _without_prefix(word) & {stem(w) for w in piece.theirs}:
                return Change(
                    "opposite", word, next(w for w in piece.theirs if stem(w) in unturned)
                )
            if gone and (word[0].isdigit() or stem(word) not in elsewhere or len(piece.mine) <= 2):
                return Change("swap", word, gone[0])
    return None


def _says_something(word: str) -> bool:
    if word in TURNING:
        return True
    return (word not in STOP_WORDS and stem(word) not in LIGHT and len(word) > 1) or word.isdigit()


def _known(word: str, stems: set[str]) -> bool:
    base = stem(word)
    if base in stems or SYNONYMS.get(base, frozenset()) & stems:
        return True
    if any(part in stems for part in re.split(r"[-'/.]", base) if len(part) > 2):
        return True
    return len(base) >= 5 and any(other[:5] == base[:5] for other in stems)


def _without_prefix(word: str) -> set[str]:
    """Stems of what is left of un-important, in-correct; and of the word with it put before."""
    bare = {stem(word[len(p) :]) for p in UNTURNED_PREFIXES if word.startswith(p)}
    return bare | {stem(p + word) for p in UNTURNED_PREFIXES}
