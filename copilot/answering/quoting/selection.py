"""Which units are said: greedy by score, without repetition, within a number of words.

Invariant: no piece is chosen twice, a unit never comes without the lines that introduce it,
and only a procedure that was asked for may pass the word limit.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from copilot.answering.quoting.scoring import PassageView
from copilot.answering.quoting.values import Quote, Unit

# A unit is left out when so much of what it says has been said (share of its terms).
REPEATED = 0.75
# Units whose score is further below the best than this are not worth their words. On our
# development questions 0.85 holds as many facts as 1.0 in fewer words; 0.8 holds fewer.
GAP = 0.85
# From this many units on (after leaving out what is far below), nothing more is added.
MOST_UNITS = 12
# Units that are compared at all.
POOL = 80
# How much of its score a unit loses for each share of its terms that was said already.
REPETITION_COST = 0.2
# What a unit loses for each doubling of its new words beyond a sentence of 24.
LENGTH_COST = 0.09


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit with its score, its cost in words, and what it says beyond the question's terms."""

    unit: Unit
    score: float
    words: int
    terms: frozenset[str]


@dataclass
class _Said:
    pieces: set[tuple[int, int]] = field(default_factory=set)
    terms: set[str] = field(default_factory=set)
    per_unit: list[frozenset[str]] = field(default_factory=list)
    words: int = 0


@dataclass(frozen=True, slots=True)
class Selection:
    """The chosen units, best first, and whether one is a procedure beyond the limit."""

    chosen: tuple[Candidate, ...]
    words: int
    procedure: bool


def candidate(unit: Unit, seen: PassageView, score: float, asked: Iterable[str]) -> Candidate:
    """A unit as selection weighs it. ``asked``: the question's terms, which may be repeated."""
    seg = seen.segmented
    return Candidate(
        unit=unit,
        score=score,
        words=sum(seg.pieces[i].words for i in unit.pieces),
        terms=frozenset[str]().union(*(seen.piece_terms[i] for i in unit.core)).difference(asked),
    )


def select(
    candidates: Sequence[Candidate],
    views: Sequence[PassageView],
    *,
    max_words: int,
    procedure: Sequence[Candidate] = (),
) -> Selection:
    """Choose units. ``procedure`` is said first and whole, even beyond ``max_words``."""
    usable = sorted(candidates, key=lambda c: -c.score)
    if not usable:
        return Selection((), 0, False)
    best = usable[0].score
    said = _Said()
    chosen = list(procedure)
    for part in chosen:
        _say(part, views, said)
    pool = [c for c in usable if c.score >= best - GAP][:POOL]
    pool = [c for c in pool if not _repeats(c, said)]
    while pool and len(chosen) < MOST_UNITS:
        ranked = sorted(((_worth(c, views, said), c) for c in pool), key=lambda pair: -pair[0])
        taken = None
        for worth, c in ranked:
            if worth < best - GAP:
                break
            cost = _new_words(c.unit, views, said)
            if cost and said.words + cost <= max_words:
                taken = c
                break
        if taken is None:
            break
        _say(taken, views, said)
        chosen.append(taken)
        pool = [c for c in pool if c is not taken and not _repeats(c, said)]
    if not chosen:
        chosen = [_smallest(usable, max_words)]
        _say(chosen[0], views, said)
    return Selection(tuple(chosen), said.words, bool(procedure) and said.words > max_words)


def passed_over(
    candidates: Sequence[Candidate], views: Sequence[PassageView], picked: Selection
) -> dict[int, str]:
    """Of each passage that nothing was chosen from (its number in ``views``): why."""
    spoken = {c.unit.passage for c in picked.chosen}
    said = _Said()
    for part in picked.chosen:
        _say(part, views, said)
    best = max((c.score for c in candidates), default=0.0)
    why: dict[int, str] = {}
    for number in set(range(len(views))) - spoken:
        own = [c for c in candidates if c.unit.passage == number]
        near = [c for c in own if c.score >= best - GAP]
        if not own:
            why[number] = "holds nothing that could be quoted"
        elif not near:
            behind = best - max(c.score for c in own)
            why[number] = f"its best sentence is {behind:.2f} behind the best of all"
        elif all(_repeats(c, said) for c in near):
            why[number] = "says what has been said"
        else:
            why[number] = "not worth its words beside what has been said"
    return why


def _smallest(ranked: Sequence[Candidate], max_words: int) -> Candidate:
    """The best unit that fits, or else the shortest: an answer is never empty for its length."""
    fitting = [c for c in ranked if c.words <= max_words]
    return fitting[0] if fitting else min(ranked, key=lambda c: c.words)


def _worth(c: Candidate, views: Sequence[PassageView], said: _Said) -> float:
    length = math.log2(max(_new_words(c.unit, views, said), 12) / 24)
    repeated = len(c.terms & said.terms) / len(c.terms) if c.terms else 1.0
    return c.score - LENGTH_COST * length - REPETITION_COST * repeated


def _repeats(c: Candidate, said: _Said) -> bool:
    if all((c.unit.passage, i) in said.pieces for i in c.unit.core):
        return True
    return bool(c.terms) and any(
        len(c.terms & terms) / len(c.terms) >= REPEATED
        and (c.unit.passage, c.unit.core[0]) not in said.pieces
        for terms in said.per_unit
    )


def _new_words(unit: Unit, views: Sequence[PassageView], said: _Said) -> int:
    pieces = views[unit.passage].segmented.pieces
    return sum(pieces[i].words for i in unit.pieces if (unit.passage, i) not in said.pieces)


def _say(c: Candidate, views: Sequence[PassageView], said: _Said) -> None:
    said.words += _new_words(c.unit, views, said)
    said.pieces.update((c.unit.passage, i) for i in c.unit.pieces)
    said.terms |= c.terms
    said.per_unit.append(c.terms)


def quotes(chosen: Sequence[Candidate], views: Sequence[PassageView]) -> tuple[Quote, ...]:
    """The chosen pieces as quotes in reading order; neighbours with only space between are one.

    Passages come in the order of their best unit, those of one document together and in the
    document's order; superseded documents come last.
    """
    wanted: dict[int, set[int]] = {}
    for c in chosen:
        wanted.setdefault(c.unit.passage, set()).update(c.unit.pieces)
    documents: dict[str, list[int]] = {}
    for number in wanted:
        documents.setdefault(_document(views[number]), []).append(number)
    found: list[Quote] = []
    for numbers in sorted(documents.values(), key=lambda of: _superseded(views[of[0]])):
        for number in sorted(numbers, key=lambda n: views[n].segmented.stored.passage.ordinal):
            found.extend(_merged(views[number], sorted(wanted[number])))
    return tuple(found)


def _superseded(seen: PassageView) -> bool:
    return seen.segmented.stored.passage.superseded


def _document(seen: PassageView) -> str:
    return seen.segmented.stored.passage.document_id


def _merged(seen: PassageView, indices: Sequence[int]) -> list[Quote]:
    seg = seen.segmented
    passage = seg.stored.passage
    spans: list[tuple[int, int]] = []
    for index in indices:
        piece = seg.pieces[index]
        if spans and not passage.text[spans[-1][1] : piece.start].strip():
            spans[-1] = (spans[-1][0], piece.end)
        else:
            spans.append((piece.start, piece.end))
    return [Quote(passage, start, end) for start, end in spans]
