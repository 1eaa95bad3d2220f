"""Finds phrases in sentences: labelled examples of what people say.

Invariant: a match is a stretch of the sentence, from the phrase's first word to its last.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from pathlib import Path

from copilot.extraction.filling.sentences import WORD, Word
from copilot.extraction.finding.sheet import fold

GAP = 5
ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Phrase:
    """An example of ``value``. ``steps``: word and whether others may stand before it."""

    value: str
    steps: tuple[tuple[str, bool], ...]
    text: str
    weak: bool = False

    @property
    def weight(self) -> float:
        """How much it tells: long phrases more than short ones."""
        letters = sum(len(word.rstrip("*")) for word, _ in self.steps)
        return (0.15 if self.weak else 1.0) * (1 + 0.5 * (len(self.steps) - 1) + letters / 40)


@dataclass(frozen=True, slots=True)
class Match:
    """``text[start:end]`` says ``phrase.value``."""

    phrase: Phrase
    start: int
    end: int


# A step: the word, or how it begins, which of the two it is, and how many words on it may stand.
_Step = tuple[str, bool, int]


@dataclass(frozen=True, slots=True)
class _Way:
    """A phrase and its steps after the first word, of which it is ``start``."""

    phrase: Phrase
    start: str
    steps: tuple[_Step, ...]

    @classmethod
    def of(cls, phrase: Phrase) -> _Way:
        first, *others = phrase.steps
        steps = tuple(
            (word.removesuffix("*"), word.endswith("*"), 1 + GAP if loose else 1)
            for word, loose in others
        )
        return cls(phrase, first[0].removesuffix("*"), steps)

    @property
    def next(self) -> str:
        """The word that must come next; empty if there is none, or several may."""
        if not self.steps or self.steps[0][1] or self.steps[0][2] > 1:
            return ""
        return self.steps[0][0]

    def last(self, texts: Sequence[str], at: int) -> int:
        """The index of the phrase's last word, if its first one is at ``at``; -1 if it isn't."""
        for step, is_start, reach in self.steps:
            for index in range(at + 1, min(len(texts), at + 1 + reach)):
                text = texts[index]
                if text.startswith(step) if is_start else text == step:
                    at = index
                    break
            else:
                return -1
        return at


@dataclass(frozen=True, slots=True)
class _Ways:
    """Phrases that begin alike; ``by_next``: those that may go on with this word, ``others``
    with any that isn't there. Both in their own order.
    """

    others: tuple[_Way, ...]
    by_next: Mapping[str, tuple[_Way, ...]]

    @classmethod
    def of(cls, ways: Sequence[_Way]) -> _Ways:
        strict = {way.next for way in ways if way.next}
        return cls(
            tuple(way for way in ways if not way.next),
            {word: tuple(way for way in ways if way.next in ("", word)) for word in strict},
        )


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """Phrases by their first word; those that begin with any ending by its first three letters.

    Equal to itself alone, so that what is worked out of one can be kept by it.
    """

    phrases: tuple[Phrase, ...]
    by_word: Mapping[str, _Ways]
    by_start: Mapping[str, _Ways]
    values: frozenset[str]

    @classmethod
    def of(cls, phrases: Iterable[Phrase]) -> Lexicon:
        told = tuple(phrase for phrase in phrases if phrase.steps)
        by_word: dict[str, list[_Way]] = {}
        by_start: dict[str, list[_Way]] = {}
        for phrase in told:
            way = _Way.of(phrase)
            if phrase.steps[0][0].endswith("*"):
                by_start.setdefault(way.start[:3], []).append(way)
            else:
                by_word.setdefault(way.start, []).append(way)
        return cls(
            told,
            {word: _Ways.of(found) for word, found in by_word.items()},
            {start: _Ways.of(found) for start, found in by_start.items()},
            frozenset(phrase.value for phrase in told),
        )

    def only(self, values: Collection[str]) -> Lexicon:
        """The phrases of these values."""
        return Lexicon.of(one for one in self.phrases if one.value in values)

    def matches(self, words: Sequence[Word]) -> Iterator[Match]:
        """Every phrase that stands in these words; what lies within a longer match as well."""
        texts = [word.text for word in words]
        for at, (text, behind) in enumerate(zip_longest(texts, texts[1:], fillvalue="")):
            for ways in (self.by_word.get(text), self.by_start.get(text[:3])):
                if ways is None:
                    continue
                for way in ways.by_next.get(behind, ways.others):
                    if text.startswith(way.start) and (last := way.last(texts, at)) >= 0:
                        yield Match(way.phrase, words[at].start, words[last].end)

    def best(self, words: Sequence[Word]) -> list[Match]:
        """The matches that don't lie within a longer one: "not urgent" hides "urgent"."""
        found = sorted(self.matches(words), key=lambda one: (one.start - one.end, one.start))
        kept: list[Match] = []
        for match in found:
            if not any(one.start <= match.start and match.end <= one.end for one in kept):
                kept.append(match)
        return sorted(kept, key=lambda one: one.start)


def phrase(value: str, text: str, *, weak: bool = False) -> Phrase:
    """An example as it is written in a file: "can't … open", "crash*"."""
    steps: list[tuple[str, bool]] = []
    loose = False
    for piece in fold(text).split():
        if piece == ELLIPSIS:
            loose = True
            continue
        for found in WORD.finditer(piece):
            star = "*" if piece.endswith("*") and found.end() == len(piece) - 1 else ""
            steps.append((found[0] + star, loose))
            loose = False
    return Phrase(value, tuple(steps), text, weak)


@lru_cache(maxsize=32)
def examples(path: Path) -> Lexicon:
    """The labelled examples of a file: a table a value, in it a list a language, or ``weak``."""
    told = tomllib.loads(path.read_text("utf-8"))
    return Lexicon.of(_read(told))


def _read(told: Mapping[str, Mapping[str, object]]) -> Iterator[Phrase]:
    for value, table in told.items():
        for name, listed in table.items():
            if isinstance(listed, list):
                yield from (phrase(value, str(one)) for one in listed)
            elif name == "weak" and isinstance(listed, dict):
                for texts in listed.values():
                    yield from (phrase(value, str(one), weak=True) for one in texts)
