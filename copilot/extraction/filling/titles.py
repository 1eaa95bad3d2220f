"""What a text is about, in its own words: its subject, else the sentence that says it.

Invariant: a title is one stretch of the text, on one line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from copilot.extracted import FieldValue, NullReason
from copilot.extraction.candidates import CandidateKind
from copilot.extraction.filling import matters
from copilot.extraction.filling.clauses import Weight, clause, described
from copilot.extraction.filling.context import ASKER, OTHERS, Context, nothing
from copilot.extraction.filling.labels import labelled
from copilot.extraction.filling.sentences import Sentence
from copilot.extraction.filling.title_words import (
    ABOUT_A_CASE,
    ASIDE,
    BEHIND,
    DECLARED,
    DOCUMENT,
    EMPTY_SUBJECT,
    ENUMERATED,
    FILLER,
    FORM_HEAD,
    HAILING,
    HELLO,
    IDLE,
    INTRODUCED,
    LETTERHEAD,
    NOTE_HEAD,
    NOTED,
    OF_DAY,
    OPENING,
    PREFIX,
    QUOTED,
    RATED,
    REPLY,
    SAYS,
    SOLD,
    STAMPED,
    STRESSED,
    TRACE_TALK,
    WISH_WORDS,
    WISHED,
)
from copilot.extraction.reading import SegmentKind, Span
from copilot.schemas import FieldSpec

_HEADED = (SegmentKind.BODY, SegmentKind.FORM, SegmentKind.GREETING)
_TELLING = 1.2
_NEXT_SENTENCE = re.compile(r"[.!?] (?=[^\W\d_]+ \S)")
_OF = re.compile(r"(?:de|del|der|des|of|the)\b")
_STRONG = 0.5  # a weak phrase tells less than where it stands
_PARTING = ",–—-|(·"
_LONG = 95
_LONG_TURN = 48
_LONGEST = 220
_NOTE = 160
_VAGUE_LABELS = frozenset("title topic issue thema tema sujet motivo idea idee request".split())


@dataclass(frozen=True, slots=True)
class Ways:
    """How titles of a schema are found: ``incident``: one may be declared in a chat; ``headed``:"
    " the
    first line of a note is one, also above a form; ``wish``: what is wished for, not what was
    answered; ``deal``: what is offered; ``meeting``: what people talk of.
    """

    incident: bool = False
    headed: bool = False
    wish: bool = False
    deal: bool = False
    meeting: bool = False


def title(context: Context, spec: FieldSpec, weight: Weight, *, ways: Ways = Ways()) -> FieldValue:
    """The title. ``weight`` tells how much a stretch says of an issue."""
    if not context.own:
        declared = DECLARED.search(context.text) if ways.incident else None
        if declared is not None and context.rank(declared.start(1)) <= OTHERS:
            return context.value(declared.start(1), declared.end(1), confidence=0.85)
        for line in sorted(labelled(context, spec), key=lambda one: one.label in _VAGUE_LABELS):
            if context.rank(line.place.start) <= OTHERS:
                end = _first_of(context, line.value)
                bare = bare_subject(context, Span(line.value.start, end))
                start = bare.start if bare else line.value.start
                return context.value(start, end, confidence=0.9)
        subject = _subject(context)
        says = subject is not None and not (
            ways.wish and (_answered(context, subject, weight) or _only_named(context, subject))
        )
        if subject is not None and says:
            return context.value(subject.start, subject.end, confidence=0.9)
    elif not ways.wish and _is_announced(context) and (subject := _subject(context)) is not None:
        return context.value(subject.start, subject.end, confidence=0.8)
    named = matters.paper(context) if ways.meeting and not context.own else None
    topic = matters.talked_of(context) if ways.meeting and named is None else None
    headline = named or _heading(context, headed=ways.headed)
    if headline is not None and not (topic and headline.start <= topic.start < headline.end):
        return context.value(headline.start, headline.end, confidence=0.7)
    told = _wished(context) if ways.wish else _sold(context) if ways.deal else None
    best = topic or told or _telling(context, weight) or described(context, weight)
    if best is None or best.end - best.start > _LONGEST:
        return nothing(NullReason.NEEDS_MODEL)
    if ways.wish:
        opening = WISHED.match(context.folded, best.start, best.end)
        start = opening.end() if opening and best.end - opening.end() > 8 else best.start
        return context.value(start, best.end, confidence=0.6)
    return context.value(best.start, best.end, confidence=0.6)


def _is_announced(context: Context) -> bool:
    """Whether the subject speaks of this one of several records: of the first, unless a list parts
    them.
    """
    own, subject = context.own[0], context.lead.subject
    if subject is None or any(other.start < own.start for other in context.foreign):
        return False
    if ENUMERATED.match(context.folded, own.start, own.end):
        return False
    about = set(re.findall(r"[^\W\d_]{5,}", context.folded[subject.start : subject.end]))
    return not about.isdisjoint(re.findall(r"[^\W\d_]{5,}", context.folded[own.start : own.end]))


def _first_of(context: Context, answer: Span) -> int:
    """Where the first sentence of an answer ends; a short answer is taken whole."""
    stop = re.compile(r"[.!?](?=\s)|\n").search(context.text, answer.start + 12, answer.end)
    return stop.start() if stop and answer.end - answer.start > _LONG else answer.end


def _subject(context: Context) -> Span | None:
    """The lead's subject, or the mail's, if it says anything."""
    messages = [context.lead, *context.reading.messages]
    for message in messages:
        if message.subject is None:
            continue
        bare = bare_subject(context, message.subject)
        if bare is not None:
            return bare
    return None


def bare_subject(context: Context, subject: Span) -> Span | None:
    """A subject without its marks; None if nothing is left that tells."""
    start, end = subject.start, subject.end
    while start < end and context.text[start] in "-–—*#•:=_~ \t":
        start += 1
    while (found := PREFIX.match(context.folded, start, end)) and found.end() > start:
        start = found.end()
    while end > start and context.text[end - 1].isspace():
        end -= 1
    told = context.folded[start:end]
    if sum(char.isalpha() for char in told) < 3 or EMPTY_SUBJECT.fullmatch(told):
        return None
    return None if ABOUT_A_CASE.search(told) else Span(start, end)


def _only_named(context: Context, subject: Span) -> bool:
    """Whether a subject is nothing but the name of a product or of a part of it."""
    return any(
        one.start <= subject.start and subject.end <= one.end
        for one in context.of(CandidateKind.PRODUCT, CandidateKind.COMPONENT, CandidateKind.PLAN)
    )


def _answered(context: Context, subject: Span, weight: Weight) -> bool:
    """Whether a subject is that of what is answered, and the answer wishes for something else."""
    if not REPLY.match(context.folded, context.folded.rfind("\n", 0, subject.start) + 1):
        return False
    about = set(re.findall(r"[^\W\d_]{5,}", context.folded[subject.start : subject.end]))
    for sentence in context.said(most=ASKER):
        if sentence.segment.kind is SegmentKind.FORM:
            continue
        told = set(re.findall(r"[^\W\d_]{5,}", context.folded[sentence.start : sentence.end]))
        if weight(sentence) >= _TELLING and told.isdisjoint(about):
            return True
    return False


def _heading(context: Context, *, headed: bool) -> Span | None:
    """The first line of a note or of a record's own part, if it stands alone and is no sentence."""
    form = len(context.forms) > 2 and not headed
    if context.in_turns or (not context.own and (context.lead.sender_name or form)):
        return None
    span = context.own[0] if context.own else Span(0, len(context.text))
    for number, (start, end) in enumerate(_lines(context, span)):
        if number > (0 if context.own else 2):
            return None
        if context.rank(start) > OTHERS or context.kind(start) not in _HEADED:
            continue
        if number == 0 and not context.own and _is_letterhead(context, span):
            continue
        first = _without(context, start, end)
        document = DOCUMENT.match(context.folded, first, end)
        if document and _OF.match(context.folded, document.end(), end):
            continue
        first = document.end() if document else first
        bare = bare_subject(context, Span(first, end))
        if bare is None:
            continue
        stop = _NEXT_SENTENCE.search(context.text, bare.start + 20, bare.end)
        if stop and (number or context.own or not headed):
            return None
        bare = _dateless(context, Span(bare.start, stop.start()) if stop else bare)
        aside = ASIDE.search(context.folded, bare.start, bare.end) or BEHIND.search(
            context.folded, bare.start + 8, bare.end
        )
        bare = Span(bare.start, aside.start()) if aside else bare
        if INTRODUCED.match(context.text, bare.start, bare.end):
            return None
        told = context.folded[bare.start : bare.end]
        if _is_heading(told) and (not context.own or _stands_alone(context, end, span)):
            return bare
    return None


def _is_letterhead(context: Context, span: Span) -> bool:
    """Whether the first line names a house, and the second is what the paper calls itself."""
    lines = list(islice(_lines(context, span), 2))
    if len(lines) < 2:
        return False
    first, second = lines
    return (
        LETTERHEAD.fullmatch(context.text, *first) is not None
        and DOCUMENT.match(context.folded, *first) is None
        and DOCUMENT.match(context.folded, *second) is not None
    )


def _dateless(context: Context, span: Span) -> Span:
    """A heading without the day and what follows behind it."""
    for one in context.candidates.get(CandidateKind.DATE, ()):
        if span.start + 8 < one.start < span.end:
            told = context.folded[span.start : one.start].rstrip(" ")
            of_day = OF_DAY.search(told)
            if of_day or told[-1:] in _PARTING:
                told = told[: of_day.start()] if of_day else told
                return Span(span.start, span.start + len(told.rstrip(" " + _PARTING)))
    return span


def _is_heading(told: str) -> bool:
    return (
        2 <= len(told.split()) <= 14
        and told[-1] not in ".,;:!>"
        and not re.search(r" > |\|", told)
        and not re.match(r"[^:]{1,25}:\s", told)
        and not FORM_HEAD.match(told)
        and not RATED.fullmatch(told)
    )


def _stands_alone(context: Context, end: int, span: Span) -> bool:
    """Whether the next line begins something new: a capital after a line that isn't full."""
    following = context.text[end : end + 40].lstrip("\n")
    width = max(len(line) for line in context.text[span.start : span.end].split("\n"))
    line_start = context.text.rfind("\n", 0, end) + 1
    return end - line_start < 0.8 * width and following[:1].isupper()


def _lines(context: Context, span: Span) -> Iterator[tuple[int, int]]:
    at = span.start
    for line in context.text[span.start : span.end].split("\n"):
        if line.strip():
            yield at + len(line) - len(line.lstrip()), at + len(line.rstrip())
        at += len(line) + 1


def _without(context: Context, start: int, end: int) -> int:
    """Where it begins without the mark of a list, the time and the speaker's name."""
    hello = HELLO.match(context.text, start, end)
    start = hello.end() if hello else start
    for mark in (STAMPED, ENUMERATED):
        found = mark.match(context.folded, start, end)
        start = found.end() if found and end - found.end() > 8 else start
    return start


def _telling(context: Context, weight: Weight) -> Span | None:
    """The first sentence that says most of what the matter is."""
    best: tuple[float, Span] | None = None
    first: Span | None = None
    for number, sentence in enumerate(context.said(most=OTHERS)):
        if context.own and not context.is_own(sentence.start):
            continue
        span = trimmed(context, sentence)
        if len(context.folded[span.start : span.end].split()) < 3:
            continue
        if sentence.segment.kind is not SegmentKind.BODY or _is_label(context, sentence):
            continue
        if context.own and ENUMERATED.match(context.folded, sentence.start, sentence.end):
            return clause(context, span, weight)
        heavy = weight(span)
        heavy = heavy if heavy >= _STRONG else 0.0
        if heavy <= 0 and _introduces(context, span):
            continue
        first = first or span
        if heavy >= _TELLING and context.rank(span.start) == ASKER:
            return clause(context, span, weight)
        score = heavy - 0.08 * min(number, 20) - (0.6 if context.rank(span.start) else 0.0)
        if heavy > 0 and (best is None or score > best[0]):
            best = score, span
    if best is not None and not (first and len(context.text) < _NOTE):
        return clause(context, best[1], weight)
    return clause(context, first, weight) if first is not None else None


def _wished(context: Context) -> Span | None:
    """What somebody says that they wish for."""
    for sentence in context.said(most=ASKER):
        if sentence.segment.kind is not SegmentKind.BODY or not context.is_own(sentence.start):
            continue
        if all(word.text not in WISH_WORDS for word in context.words(sentence)):
            continue
        span = trimmed(context, sentence)
        for found in WISHED.finditer(context.folded, span.start, span.end):
            start = found.end()
            if len(context.folded[start : span.end].split()) < 3:
                continue
            if IDLE.match(context.folded, start):
                continue
            stop = re.compile(r"[.?!,;:](?=\s|$)|\s[–—-]\s").search(
                context.text, start + 12, span.end
            )
            return Span(start, stop.start() if stop else span.end)
    return None


def _introduces(context: Context, span: Span) -> bool:
    """Whether a short stretch does no more than say who speaks."""
    found = INTRODUCED.match(context.text, span.start, span.end)
    return found is not None and span.end - found.end() < _LONG_TURN


def _sold(context: Context) -> Span | None:
    """What somebody who speaks calls the deal: the offer for …"""
    if context.lead.sender_name is not None or context.forms:
        return None
    for sentence in context.said(most=ASKER):
        found = SOLD.search(context.folded, sentence.start, sentence.end)
        if found is not None and sentence.end - sentence.start > _LONG:
            return Span(found.start(), found.end())
    return None


def _is_label(context: Context, sentence: Sentence) -> bool:
    """Whether it asks for what stands below it, or is said by the team's own."""
    message = context.reading.messages[sentence.segment.message]
    if message.own and message.part == "turn":
        return True
    told = context.text[sentence.start : sentence.end]
    short = len(re.findall(r"[^\W\d_]{2,}", told)) < 10
    if short and sentence.ordinal == 0 and FORM_HEAD.match(context.folded, sentence.start):
        return True
    folded = context.folded[sentence.start : sentence.end]
    filler = FILLER.match(folded) if short else None
    if filler is not None and not re.search(r"\w{2}", folded[filler.end() :]):
        return True
    if not SAYS.search(folded) or (short and HAILING.match(folded)):
        return True
    if RATED.fullmatch(folded) or TRACE_TALK.match(folded):
        return True
    if QUOTED.fullmatch(told) or (short and STRESSED.match(folded)):
        return True
    return (
        len(context.forms) > 2
        and told.endswith(("?", ":"))
        and len(told.split()) < 7
        and context.text[sentence.end : sentence.end + 1] == "\n"
    )


def trimmed(context: Context, sentence: Sentence) -> Span:
    """A sentence without list mark, filler words, and the stop at its end."""
    start, end = _without(context, sentence.start, sentence.end), sentence.end
    filler = FILLER.match(context.folded, start, end)
    if filler and end - filler.end() > 12:
        start = filler.end()
    for before in (NOTE_HEAD, OPENING, NOTED):
        found = before.match(context.folded, start, end)
        start = found.end() if found and end - found.end() > 12 else start
    aside = ASIDE.search(context.folded, start, end)
    end = aside.start() if aside and aside.start() - start > 12 else end
    while end > start and (context.text[end - 1].isspace() or context.text[end - 1] in ".,;:"):
        end -= 1
    return Span(start, end)
