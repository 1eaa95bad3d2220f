"""Compares a sentence word by word with the passage's sentence that it was made from.

Invariant: a sentence that mostly repeats one of the passage's, with a number, name, word or
denial of its own put in, says something else, and the word that makes it so is named.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from copilot.answering.grounding.lexicon import (
    LIGHT,
    NEGATIONS,
    OPPOSITES_IN_PLACE,
    SYNONYMS,
    TURNING,
    UNTURNED_PREFIXES,
)
from copilot.answering.grounding.reading import Reading
from copilot.knowledge.terms import STOP_WORDS, stem

# A sentence is taken to repeat a passage's when this share of its words stands there in order;
# to differ from it in one word that isn't known for an opposite, when nearly all of it does.
REPEATS = 0.6
REPEATS_NEARLY = 0.75
_SHORT = 4
_HYPHENED_NUMBER = re.compile(r"(?<=[a-z])-(?=\d)")  # SEV-1 and sev1 are one thing
_WORD = re.compile(r"\w+(?:['.,:/-]\w+)*")


@dataclass(frozen=True, slots=True)
class Change:
    """``mine`` stands in the sentence where the passage has ``theirs``; either may be empty."""

    kind: str
    mine: str
    theirs: str


@dataclass(frozen=True, slots=True)
class _Word:
    """``key`` compares: a stem, or what a number says in whatever form it is written."""

    key: str
    text: str
    number: bool = False

    @property
    def denies(self) -> bool:
        return self.text in NEGATIONS or self.text.endswith("n't")

    @property
    def says_something(self) -> bool:
        if self.number or self.text in TURNING or self.text in OPPOSITES_IN_PLACE:
            return True
        return self.text not in STOP_WORDS and self.key not in LIGHT and len(self.text) > 1


@dataclass(frozen=True, slots=True)
class _Piece:
    mine: list[_Word]
    theirs: list[_Word]
    inner: bool


def change(sentence: Reading, original: Reading, elsewhere: frozenset[str]) -> Change | None:
    """What the sentence changed in ``original``, if it repeats it and changed what it says.

    ``elsewhere``: stems of the other passage sentences that the claim also draws on.
    """
    mine, theirs = _words(sentence), _words(original)
    if not mine or not theirs:
        return None
    keys = [w.key for w in mine], [w.key for w in theirs]
    codes = SequenceMatcher(None, *keys, autojunk=False).get_opcodes()
    same = sum(i2 - i1 for tag, i1, i2, _, _ in codes if tag == "equal")
    if same < REPEATS * len(mine):
        return None
    pieces = [
        _Piece(mine[i1:i2], theirs[j1:j2], inner=j1 > 0 and j2 < len(theirs))
        for tag, i1, i2, j1, j2 in codes
        if tag != "equal"
    ]
    nearly = same >= REPEATS_NEARLY * len(mine)
    return _denial(pieces) or _swap(pieces, _Counts(mine, theirs), elsewhere, nearly=nearly)


def _words(reading: Reading) -> list[_Word]:
    found = [
        (q.start, _Word(f"{q.kind}={q.value}", q.text, number=True)) for q in reading.quantities
    ]
    for match in _WORD.finditer(reading.text):
        if any(q.start <= match.start() < q.end for q in reading.quantities):
            continue
        text = match.group().lower()
        found.append((match.start(), _Word(_HYPHENED_NUMBER.sub("", stem(text)), text)))
    return [word for _, word in sorted(found, key=lambda pair: pair[0])]


def _denial(pieces: Sequence[_Piece]) -> Change | None:
    put_in = [w for p in pieces for w in p.mine if w.denies]
    left_out = [w for p in pieces for w in p.theirs if w.denies]
    inner = [w for p in pieces if p.inner and len(p.theirs) <= _SHORT for w in p.theirs if w.denies]
    if len(put_in) > len(left_out):
        return Change("denial", put_in[-1].text, "")
    if len(inner) > len(put_in):
        return Change("denial", "", inner[0].text)
    return None


class _Counts:
    """How often each word stands on either side."""

    def __init__(self, mine: Sequence[_Word], theirs: Sequence[_Word]) -> None:
        self.mine = Counter(w.key for w in mine)
        self.theirs = Counter(w.key for w in theirs)

    def is_new(self, word: _Word) -> bool:
        """Whether the sentence has it more often than what it repeats."""
        if word.key in self.theirs:
            return self.mine[word.key] > self.theirs[word.key]
        return not _known(word, self.theirs)

    def is_gone(self, word: _Word) -> bool:
        if word.key in self.mine:
            return self.theirs[word.key] > self.mine[word.key]
        return not _known(word, self.mine)


def _swap(
    pieces: Sequence[_Piece], counts: _Counts, elsewhere: frozenset[str], *, nearly: bool
) -> Change | None:
    for piece in pieces:
        if len(piece.mine) > _SHORT or len(piece.theirs) > _SHORT or _abbreviates(piece):
            continue
        gone = [w for w in piece.theirs if w.says_something and not w.denies and counts.is_gone(w)]
        for word in piece.mine:
            if not word.says_something or word.denies or not counts.is_new(word):
                continue
            turned = OPPOSITES_IN_PLACE.get(word.key, frozenset()) | _without_prefix(word.text)
            if opposite := next((w for w in piece.theirs if w.key in turned), None):
                return Change("opposite", word.text, opposite.text)
            if word.text in TURNING or word.text in STOP_WORDS or not gone:
                continue
            given = word.key in elsewhere and len(piece.mine) > 2
            if word.number or (nearly and not given):
                return Change("swap", word.text, gone[0].text)
    return None


def _abbreviates(piece: _Piece) -> bool:
    """Whether one side is the other's initials: IC, Incident Commander."""
    sides = [
        [w.text for w in side if w.text not in STOP_WORDS] for side in (piece.mine, piece.theirs)
    ]
    for short, long in (sides, sides[::-1]):
        if len(short) == 1 and len(long) > 1 and short[0] == "".join(w[0] for w in long):
            return True
    return False


def _known(word: _Word, keys: Counter[str]) -> bool:
    if word.number:
        return False
    base = word.key
    if SYNONYMS.get(base, frozenset()) & keys.keys():
        return True
    if any(part in keys for part in re.split(r"[-'/.]", base) if len(part) > 2):
        return True
    return len(base) >= 5 and any(other[:5] == base[:5] for other in keys)


def _without_prefix(word: str) -> set[str]:
    """Stems of what is left of un-important, in-correct; and of the word with it put before."""
    bare = {stem(word[len(p) :]) for p in UNTURNED_PREFIXES if word.startswith(p)}
    return bare | {stem(p + word) for p in UNTURNED_PREFIXES}
