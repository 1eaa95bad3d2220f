"""One sentence beside the passages it cites: what of it they hold, and where.

Invariant: a word is held in any form of it, a name or identifier only as itself, a number by
what it says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from copilot.answering.grounding.lexicon import SYNONYMS, TURNING
from copilot.answering.grounding.quantities import Quantity
from copilot.answering.grounding.reading import Evidence, Reading, Token, Unit, evidence, read
from copilot.messages import Passage

MOST_UNITS = 3
# A further unit counts as evidence when it adds this share of the sentence.
_GAIN = 0.08
# The share of a sentence that its evidence holds itself, headings aside.
_ITSELF = 0.5
# "Is managed by": what was done, which is all that such a sentence adds.
_DONE = re.compile(r"\b(?:is|are|was|were|been|be)\s+(?:\w+ly\s+)?(\w+(?:ed|en))\b")
# Of a sentence that names no source: of all of it, of its words, of those in the same order.
_NEARLY_ALL, _WORDS, _ORDERLY = 0.9, 0.8, 0.8


@dataclass(frozen=True, slots=True)
class Cited:
    """A passage under the number that the sentence gives it."""

    n: int
    passage: Passage


class Claim:
    """One sentence against its cited passages."""

    def __init__(self, sentence: str, cited: Sequence[Cited]) -> None:
        self.reading = read(sentence)
        self.cited = [(c.n, evidence(c.passage)) for c in cited]
        self.where = "".join(f"[{c.n}]" for c in cited)
        self._weights = [_weight(t) for t in self.reading.tokens]
        self._weights += [2.0] * len(self.reading.quantities)
        self._found = [(e, u, self.found_in(u)) for _, e in self.cited for u in e.units]
        # One that is a table itself has as many places as rows.
        self.most = MOST_UNITS + sentence.count("\n")
        self.window = self._window()

    def found(self, reading: Reading, *, numbers: bool = True) -> frozenset[int]:
        """Which of the sentence's tokens, and after them its numbers, the reading holds."""
        tokens, first = self.reading.tokens, len(self.reading.tokens)
        words = {i for i, t in enumerate(tokens) if holds(t, reading)}
        if numbers:
            words |= {first + i for i, q in enumerate(self.reading.quantities) if has(reading, q)}
        return frozenset(words)

    def found_in(self, unit: Unit) -> frozenset[int]:
        """The same of a unit; a row of a table has the words over it, too."""
        found = self.found(unit.reading)
        return found if unit.over is None else found | self.found(unit.over, numbers=False)

    def share(self, found: frozenset[int]) -> float:
        """What these tokens and numbers are of the sentence's whole weight, 0 to 1."""
        total = sum(self._weights)
        return sum(self._weights[i] for i in found) / total if total else 0.0

    def words_share(self, unit: Unit) -> float:
        """As ``share`` of what the unit holds, numbers left aside."""
        return self.share(self.found(unit.reading, numbers=False))

    def coverage(self) -> float:
        """Share of the sentence that the window and the headings over it hold."""
        held: frozenset[int] = frozenset()
        for _, unit in self.window:
            held |= self.found_in(unit)
        for _, e in self.cited:
            held |= self.found(e.around, numbers=False)
        return self.share(held)

    def in_one_place(self) -> float:
        """The most of the sentence that one unit and the headings over it hold, 0 to 1.

        Half of it stands in the unit: headings tell what it is about, and are no evidence.
        """
        above = {id(e): self.found(e.around, numbers=False) for _, e in self.cited}
        held = ((found, found | above[id(e)]) for e, _, found in self._found)
        shares = (self.share(both) for found, both in held if self.share(found) >= _ITSELF)
        return max(shares, default=0.0)

    def said_by_one(self) -> tuple[Evidence, Unit] | None:
        """The unit that says nearly all of it, in its order: for a sentence without a source.

        Names tell what it is about, so its other words are counted by themselves, too.
        """
        above = {id(e): self.found(e.around, numbers=False) for _, e in self.cited}
        tokens = self.reading.tokens
        words = frozenset(i for i, t in enumerate(tokens) if t.kind == "word")
        done = {match.start(1) for match in _DONE.finditer(self.reading.text)}
        needed = frozenset(i for i, t in enumerate(tokens) if t.start in done and not t.light)
        for e, unit, found in self._found:
            both = found | above[id(e)]
            if (
                self.share(both) >= _NEARLY_ALL
                and self.share(found) >= _ITSELF
                and self.share(both & words) >= _WORDS * self.share(words)
                and needed <= found
                and not unit.reading.asks
                and self._in_order(unit.reading, found)
            ):
                return e, unit
        return None

    def _in_order(self, reading: Reading, found: frozenset[int]) -> bool:
        """Whether most of the words that both have stand in the same order in both."""
        mine = [t for i, t in enumerate(self.reading.tokens) if i in found]
        theirs = [t.stem for t in reading.tokens]
        best = [0] * (len(theirs) + 1)
        for token in mine:
            before = best
            best = [0]
            for at, stem in enumerate(theirs):
                same = token.stem == stem or related(token.stem, stem)
                best.append(max(best[-1], before[at + 1], before[at] + same))
        return best[-1] >= _ORDERLY * len(mine)

    def _window(self) -> list[tuple[Evidence, Unit]]:
        """The units that together cover most: the best one, then those that add to it."""
        pool = list(self._found)
        chosen: list[tuple[Evidence, Unit]] = []
        held: frozenset[int] = frozenset()
        while pool and len(chosen) < self.most:
            best = max(range(len(pool)), key=lambda i: self.share(held | pool[i][2]))
            e, unit, found = pool.pop(best)
            if chosen and self.share(held | found) - self.share(held) < _GAIN:
                break
            chosen.append((e, unit))
            held |= found
        return chosen


def _weight(token: Token) -> float:
    if token.kind != "word":
        return 2.0
    return 0.3 if token.light or token.text.lower() in TURNING else 1.0


def holds(token: Token, reading: Reading) -> bool:
    """Whether the reading has the token, in this or another form of the word."""
    base = token.stem
    if base in reading.stems or base.replace("-", "") in reading.stems:
        return True
    if token.kind == "identifier":
        return token.text.lower() in reading.text.lower()
    if "-" in base and all(p in reading.stems for p in base.split("-") if len(p) > 2):
        return True
    if token.kind == "name":
        return False
    if SYNONYMS.get(base, frozenset()) & reading.stems:
        return True
    return any(related(base, other) for other in reading.stems)


def related(a: str, b: str) -> bool:
    """Whether two stems begin alike for most of their length: escalat-e, escalat-ion."""
    if len(a) < 5 or len(b) < 5 or a[:5] != b[:5]:
        return False
    same = 5
    while same < min(len(a), len(b)) and a[same] == b[same]:
        same += 1
    return same / max(len(a), len(b)) >= 0.6


def has(reading: Reading, quantity: Quantity) -> bool:
    return any(quantity.equals(q) for q in reading.quantities)
