"""Of a long sentence the clause that says what it is about.

Invariant: a clause is one stretch of its sentence; of one over several lines none is cut.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from copilot.extraction.candidates import CandidateKind
from copilot.extraction.filling.context import OTHERS, Context
from copilot.extraction.filling.labels import label_words
from copilot.extraction.filling.sentences import Sentence
from copilot.extraction.filling.title_words import (
    DESCRIBED,
    INTRODUCED,
    JOINING,
    SPOKEN,
    WISHED,
)
from copilot.extraction.reading import Span

Weight = Callable[[Span | Sentence], float]
_PARTS = re.compile(r"(?:\([^()\n]{1,60}\)(?=\s+\w|\s?[»”\"'])|[^,;:–—(]|(?<=\d)[,:](?=\d))+")
_STOP = re.compile(r"[.!?](?=\s|$)")
_SHORT = 8
_LONG = 95
_LONG_TURN = 48


def _breaths(context: Context, part: Span) -> Iterator[Span]:
    """Of what somebody says without a stop the stretches between words such as um and so."""
    if part.end - part.start <= _LONG:
        yield part
        return
    at = part.start
    for found in [*SPOKEN.finditer(context.folded, part.start, part.end), None]:
        end = found.start() if found else part.end
        if len(context.folded[at:end].split()) >= 3:
            yield Span(at, end)
        at = found.end() if found else end


def clause(context: Context, span: Span, weight: Weight) -> Span:
    """Of a long sentence the clause that says most; of one over several lines none is cut."""
    if span.end - span.start <= (_LONG_TURN if context.in_turns else _LONG):
        return span
    parts = [
        Span(span.start + found.start(), span.start + found.end())
        for found in _PARTS.finditer(context.text[span.start : span.end])
        if len(found[0].split()) >= 3
    ]
    parts = [piece for part in parts for piece in _breaths(context, part)]
    named = [part for part in parts if INTRODUCED.match(context.text, part.start, part.end)]
    parts = [part for part in parts if part not in named or weight(part) > 0] or parts
    parts = [part for part in parts if not _is_moment(context, part)]
    if not parts:
        return span
    best = max(parts, key=lambda one: (weight(one), -one.start))
    if weight(best) <= 0:
        best = parts[0]
    start, end = best.start, best.end
    filler = JOINING.match(context.folded, start, end)
    start = filler.end() if filler else start
    while end > start and (context.text[end - 1].isspace() or context.text[end - 1] in ".,;:"):
        end -= 1
    return Span(start, end)


def _is_moment(context: Context, part: Span) -> bool:
    """Whether a stretch says when, and nothing else."""
    return any(
        part.start <= one.start <= part.start + 6 and part.end - 2 <= one.end
        for kind in (CandidateKind.DATE_TIME, CandidateKind.DATE)
        for one in context.candidates.get(kind, ())
    )


def described(context: Context, weight: Weight) -> Span | None:
    """What stands first in the field of a form in which the matter is told."""
    for line in context.forms:
        if label_words(line.label) not in DESCRIBED or context.rank(line.place.start) > OTHERS:
            continue
        if not context.is_own(line.place.start):
            continue
        stop = _STOP.search(context.text, line.value.start + 12, line.value.end)
        first = Span(line.value.start, stop.start() if stop else line.value.end)
        wished = WISHED.search(context.folded, first.start, first.end)
        start = wished.end() if wished and first.end - wished.end() > _SHORT else first.start
        return clause(context, Span(start, first.end), weight)
    return None
