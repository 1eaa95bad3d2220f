"""Packs evidence into a prompt within a budget of tokens: numbered, fenced as data, cleaned.

Invariant: retrieved text can't close its own fence, and holds nothing a terminal obeys or hides;
nothing is cut inside a sentence, a code block or a table's row, and what is shown of a passage
stands in the passage as it is stored, so that what it supports can be checked there.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from copilot.answering.writing.counting import tokens
from copilot.guard.terminal import clean, clean_line
from copilot.knowledge.search import SearchResult
from copilot.knowledge.sentences import sentence_spans
from copilot.knowledge.terms import content_terms
from copilot.messages import BlockSpan, Hit, Passage

# Passages that are considered; what fits is decided sentence by sentence.
PASSAGES = 20
_GAP = "…"
_FENCE = re.compile(r"<(?=\s*/?\s*passage\b)", re.I)
_WORDS = re.compile(r"\w+")
# A shorter sentence, such as "See below.", says something else in each place.
_REPEATS_FROM = 4
# How much a sentence's share of the question's terms counts beside its cosine, and what each
# rank of its passage costs; chosen by tests/bench/packing.py.
_LEXICAL = 0.3
_A_RANK = 0.02
_LEAST_ROOM = 100


@dataclass(frozen=True, slots=True)
class Packed:
    """The passages as the model sees them: ``passages[n - 1]`` is the one numbered n.

    ``tokens`` of the text, about; ``saved``: how many more these passages would be as they are.
    """

    passages: tuple[Passage, ...]
    text: str
    tokens: int = 0
    saved: int = 0


@dataclass(frozen=True, slots=True)
class _Unit:
    """What is taken whole or not at all: ``passage.text[start:end]``, the ``place``-th of it.

    ``leads``: the unit that must stand with it, such as a table's head.
    """

    hit: int
    place: int
    start: int
    end: int
    score: float
    cost: int
    leads: int | None = None


def pack(result: SearchResult, budget: int, most: int = PASSAGES) -> Packed:
    """What tells most of the question, in so many tokens, of the best ``most`` passages.

    It is always at least one sentence.
    Sentences are taken by how near they are to the question and how good their passage is; what
    was taken from a better passage isn't taken again. They stand in the order of their passages.
    """
    hits = result.hits[:most]
    units = [unit for n, hit in enumerate(hits) for unit in _units(n, hit, result)]
    said = _Said(hits)
    chosen: dict[int, set[int]] = {}
    by_place = {(unit.hit, unit.place): unit for unit in units}
    room = budget
    for unit in sorted(units, key=lambda one: -one.score):
        wanted = [unit]
        if unit.leads is not None and unit.leads not in chosen.get(unit.hit, ()):
            wanted = [by_place[unit.hit, unit.leads], unit]
        if unit.place in chosen.get(unit.hit, ()) or said.before(unit):
            continue
        cost = sum(one.cost for one in wanted)
        if unit.hit not in chosen:
            cost += tokens(fenced(1, hits[unit.hit].passage, ""))
        if cost > room and chosen:
            continue
        chosen.setdefault(unit.hit, set()).update(one.place for one in wanted)
        said.take(unit)
        room -= cost
    return _packed(hits, units, chosen)


def room_for_evidence(windows: Iterable[int], besides: Iterable[str], answer: int) -> int:
    """Tokens that the smallest known window leaves, beside texts and the longest answer.

    ``windows``: 0 for one that isn't known. Some room is always left: a model that can't read so
    much says so itself.
    """
    known = [window for window in windows if window]
    if not known:
        return sys.maxsize
    return max(_LEAST_ROOM, min(known) - answer - sum(map(tokens, besides)))


def _packed(hits: Sequence[Hit], units: Sequence[_Unit], chosen: Mapping[int, set[int]]) -> Packed:
    passages, shown, whole = [], [], 0
    for n in sorted(chosen):
        passage = hits[n].passage
        taken = [unit for unit in units if unit.hit == n and unit.place in chosen[n]]
        passages.append(passage)
        shown.append(fenced(len(passages), passage, "\n".join(_pieces(passage, taken))))
        whole += tokens(fenced(len(passages), passage))
    text = "\n\n".join(shown)
    count = tokens(text)
    return Packed(tuple(passages), text, count, max(0, whole - count))


def _pieces(passage: Passage, taken: Sequence[_Unit]) -> Iterator[str]:
    """Neighbours as they stand in the passage; a mark where something is left out."""
    at = 0
    while at < len(taken):
        last = at
        while last + 1 < len(taken) and taken[last + 1].place == taken[last].place + 1:
            last += 1
        if at:
            yield _GAP
        yield passage.text[taken[at].start : taken[last].end].strip("\n")
        at = last + 1


def _units(n: int, hit: Hit, result: SearchResult) -> Iterator[_Unit]:
    """The passage's sentences, with code blocks whole, and how much each tells."""
    passage = hit.passage
    spans = sentence_spans(passage.text, passage.spans) or ((0, len(passage.text)),)
    near = _nearness(passage, spans, result)
    total = sum(result.term_weights.values()) or 1.0
    heads: dict[int, int] = {}
    for place, (start, end, rows) in enumerate(_whole_code(spans, passage.spans)):
        text = passage.text[start:end]
        terms = set(content_terms(text))
        told = sum(result.term_weights.get(term, 0.0) for term in terms) / total
        score = max(near[row] for row in rows) + _LEXICAL * told - _A_RANK * n
        table = _block("table", start, passage.spans)
        leads = heads.setdefault(table.start, place) if table is not None else place
        cost = tokens(text) + 1
        yield _Unit(n, place, start, end, score, cost, None if leads == place else leads)


def _nearness(
    passage: Passage, spans: Sequence[tuple[int, int]], result: SearchResult
) -> list[float]:
    """The cosine of each sentence to the query that it is nearest to; 0 where that isn't known."""
    stored = result.stored.get(passage.id)
    if stored is None or tuple(stored.vectors.sentence_spans) != tuple(spans):
        return [0.0] * len(spans)
    cosines = result.query_vectors @ stored.vectors.sentences.T
    return [float(one) for one in cosines.max(axis=0)]


def _whole_code(
    spans: Sequence[tuple[int, int]], blocks: Sequence[BlockSpan]
) -> Iterator[tuple[int, int, list[int]]]:
    """Spans, those of one code block as one, with the numbers of what they are made of."""
    row = 0
    while row < len(spans):
        start, end = spans[row]
        rows = [row]
        code = _block("code", start, blocks)
        while code is not None and row + 1 < len(spans) and spans[row + 1][0] < code.end:
            row += 1
            rows.append(row)
            end = spans[row][1]
        yield start, end, rows
        row += 1


def _block(kind: str, at: int, blocks: Sequence[BlockSpan]) -> BlockSpan | None:
    return next((one for one in blocks if one.kind == kind and one.start <= at < one.end), None)


class _Said:
    """What was taken already, word by word, and from which passage."""

    def __init__(self, hits: Sequence[Hit]) -> None:
        self._hits = hits
        self._texts: dict[str, int] = {}

    def before(self, unit: _Unit) -> bool:
        """Whether another passage said it."""
        return self._texts.get(self._words(unit), unit.hit) != unit.hit

    def take(self, unit: _Unit) -> None:
        if words := self._words(unit):
            self._texts.setdefault(words, unit.hit)

    def _words(self, unit: _Unit) -> str:
        words = _WORDS.findall(self._hits[unit.hit].passage.text[unit.start : unit.end].casefold())
        return " ".join(words) if len(words) >= _REPEATS_FROM else ""


def fenced(n: int, passage: Passage, text: str | None = None) -> str:
    """The passage, or this text of it, as the one numbered n."""
    headings = [h for h in passage.heading_path if h != passage.title]
    where = " > ".join([passage.title, *headings])
    name = _FENCE.sub("‹", clean_line(where)).replace('"', "'")
    shown = _FENCE.sub("‹", clean(passage.text if text is None else text)).strip()
    return f'<passage n="{n}" from="{name}">\n{shown}\n</passage>'
