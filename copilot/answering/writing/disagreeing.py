"""Finds passages of different documents that say the same with other figures.

Invariant: only sentences that share most of their words, and the question's, are set against
each other, and only figures of one kind; what can't be compared doesn't disagree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from copilot.answering.grounding.quantities import Quantity, quantities
from copilot.knowledge.sentences import sentence_spans
from copilot.knowledge.terms import content_terms
from copilot.messages import Passage

# Words that two sentences have in common, of all that they have; and how many at least.
_ALIKE = 0.6
_FEWEST = 2
_MOST = 60  # sentences with figures that are set against each other


@dataclass(frozen=True, slots=True)
class _Stated:
    """A sentence with figures: ``terms`` are its words without them."""

    document: str
    terms: frozenset[str]
    figures: tuple[Quantity, ...]


def disagreement(question: str, passages: Sequence[Passage]) -> str:
    """The first two figures that passages disagree in, as they write them; empty if in none."""
    if len({passage.document_id for passage in passages}) < 2:
        return ""
    asked = frozenset(content_terms(question))
    stated = [one for passage in passages for one in _stated(passage, asked)][:_MOST]
    for one, other in combinations(stated, 2):
        if one.document != other.document and (found := _differ(one, other)):
            return found
    return ""


def _stated(passage: Passage, asked: frozenset[str]) -> Iterator[_Stated]:
    for start, end in sentence_spans(passage.text, passage.spans):
        sentence = passage.text[start:end]
        if not any(sign.isdigit() for sign in sentence):
            continue
        figures = tuple(one for one in quantities(sentence) if one.kind != "number")
        if not figures:
            continue
        written = {term for one in figures for term in content_terms(one.text)}
        terms = frozenset(content_terms(sentence)) - written
        if terms & asked:
            yield _Stated(passage.document_id, terms, figures)


def _differ(one: _Stated, other: _Stated) -> str:
    shared = one.terms & other.terms
    if len(shared) < _FEWEST or len(shared) < _ALIKE * len(one.terms | other.terms):
        return ""
    for mine in one.figures:
        theirs = [figure for figure in other.figures if figure.kind == mine.kind]
        if theirs and not any(mine.equals(figure) for figure in theirs):
            return f"{mine.text} or {theirs[0].text}"
    return ""
