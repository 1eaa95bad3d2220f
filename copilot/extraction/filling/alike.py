"""Enumerations by meaning: which sentence of a text is like an example of one of the values.

Invariant: the quote is the sentence that decided; in a talk of two it is the last of them, which
who asks said, or which was said again to them and met with a yes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from copilot.extracted import FieldValue, NullReason
from copilot.extraction.filling.context import ASKER, Context, nothing
from copilot.extraction.filling.likeness import MOST_SENTENCES, Examples, Nearest
from copilot.extraction.filling.talks import Talk
from copilot.extraction.reading import SegmentKind, Span
from copilot.schemas import FieldSpec

MOST_OF_OWN = 6
_MOST_SAID = 60
_SHORT = 15
_SENTENCE = re.compile(r"\S(?:[^.!?\n]|[.!?](?!\s|$))*[.!?]*")


def alike(
    context: Context, spec: FieldSpec, likeness: Examples | None, *, most: int = MOST_SENTENCES
) -> FieldValue:
    """The value of the example that the subject or a first sentence is nearest to.

    ``most``: so many sentences are compared, the subject among them.
    """
    if likeness is None:
        return nothing(NullReason.NEEDS_MODEL)
    spans: list[Span] = []
    if context.lead.subject is not None and not context.own:
        spans.append(context.lead.subject)
    for sentence in context.said(most=ASKER):
        long = sentence.end - sentence.start > _SHORT
        if long and sentence.segment.kind is SegmentKind.BODY and context.is_own(sentence.start):
            spans.append(Span(sentence.start, sentence.end))
    spans = spans[:most]
    return _value(
        context,
        spans,
        likeness.nearest([context.reading.quote(span) for span in spans], spec.choices),
    )


def alike_in(context: Context, talk: Talk, spec: FieldSpec, likeness: Examples) -> FieldValue:
    """The value of the last sentence that is like an example: what they want in the end."""
    spans = list(_said(context, talk))[-_MOST_SAID:]
    return _value(
        context,
        spans,
        likeness.last([context.reading.quote(span) for span in spans], spec.choices),
    )


def _value(context: Context, spans: list[Span], nearest: Nearest | None) -> FieldValue:
    if nearest is None:
        return nothing(NullReason.NEEDS_MODEL)
    span = spans[nearest.sentence]
    return context.value(
        span.start, span.end, value=nearest.value, confidence=min(0.8, 0.4 + nearest.likeness / 2)
    )


def _said(context: Context, talk: Talk) -> Iterator[Span]:
    """The sentences of who asks and of what was confirmed, in their order."""
    for turn in talk.turns:
        confirmed = talk.confirmed is not None and talk.confirmed.start == turn.start
        if turn.asks or confirmed:
            for found in _SENTENCE.finditer(context.text, turn.start, turn.end):
                if found.end() - found.start() > _SHORT:
                    yield Span(found.start(), found.end())
