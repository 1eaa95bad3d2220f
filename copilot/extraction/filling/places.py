"""Where people meet: by a label, a room's own word, or what stands beside the time.

Invariant: a place is said in the sentence that says when, or with a word that people meet there.
"""

from __future__ import annotations

import re

from copilot.extracted import FieldValue
from copilot.extraction.candidates import CandidateKind
from copilot.extraction.filling.context import OWN, Context, nothing
from copilot.extraction.filling.labels import labelled
from copilot.extraction.filling.meetings import OFF, hours
from copilot.extraction.reading import SegmentKind
from copilot.schemas import FieldSpec

K = CandidateKind

_PLACE = re.compile(
    r"\b(?:(?:meeting |conference )?room [A-ZÀ-Ý0-9][\w'’.-]*(?: [A-ZÀ-Ý0-9][\w'’.-]*)*"
    r"|(?:the )?(?P<named>[A-ZÀ-Ý][\w'’-]*(?: [A-ZÀ-Ý][\w'’-]*)* (?:room|Room|meeting room))"
    r"|(?:Besprechungsraum|Konferenzraum|Sitzungszimmer|Meetingraum|Raum|Saal) [A-ZÀ-Ý0-9][\w'’.-]*"
    r"(?: [A-ZÀ-Ý0-9][\w'’.-]*)*"
    r"|[Ss]alle (?:de r[ée]union )?(?:« ?)?[A-ZÀ-Ý0-9][\w'’.-]*(?: [A-ZÀ-Ý0-9][\w'’.-]*)*"
    r"|(?:[Nn]ave|[Hh]alle|[Gg]ebäude|[Bb]uilding|[Hh]all|[Bb][âa]timent|[Ee]dificio|[Ww]arehouse"
    r"|[Cc]old store|[Dd]ock) (?:[A-ZÀ-Ý](?!\w)|\d+\w?)"
    r"|(?:[Ww]ir nehmen|[Ww]e(?:'ll| will)? (?:take|use|meet (?:in|at))|[Ww]ir treffen uns (?:im"
    r"|in der|in"
    r"|bei)|[Ll]et's (?:use|take|meet (?:in|at))|[Oo]n se retrouve (?:à|au|en|dans)|[Oo]n prend"
    r"|[Nn]os"
    r" vemos en) (?:(?:the|das|den|die|dem|der|la|le|el|notre|our|unser\w*) )?"
    r"(?P<met>[A-ZÀ-Ý][\w'’-]*(?: [A-ZÀ-Ý0-9][\w'’-]*)*)"
    r"|[Ss]ala (?:de reuniones |de juntas )?[A-ZÀ-Ý0-9][\w'’.-]*(?: [A-ZÀ-Ý0-9][\w'’.-]*)*)"
)


def location(context: Context, spec: FieldSpec) -> FieldValue:
    """The room or place."""
    for line in labelled(context, spec):
        told = context.text[line.value.start : line.value.end]
        if not re.match(r"https?://", told):
            return context.value(line.value.start, line.value.end, confidence=0.9)
    for sentence in context.said(most=OWN):
        if sentence.segment.kind not in (SegmentKind.BODY, SegmentKind.FORM):
            continue
        if sentence.segment.message != context.lead.number and not context.in_turns:
            continue
        for found in _PLACE.finditer(context.text, sentence.start, sentence.end):
            before = context.before(found.start(), reach=30)
            if not OFF.search(before):
                group = "named" if found["named"] else "met" if found["met"] else 0
                begin = found.start(group)
                finish = found.end()
                while context.text[finish - 1] in ".,;":
                    finish -= 1
                return context.value(begin, finish, confidence=0.75)
    return _beside_time(context)


def _beside_time(context: Context) -> FieldValue:
    """A proper name behind "at" or "in" in the sentence that says when."""
    begin, _ = hours(context)
    when = begin.start if begin else None
    sentence = context.sentence_at(when) if when is not None else None
    if sentence is None:
        return nothing()
    beside = _COMMA_PLACE.match(context.text, begin.end, sentence.end) if begin else None
    found_places = [beside] if beside else []
    for found in [*found_places, *_AT_PLACE.finditer(context.text, sentence.start, sentence.end)]:
        start, end = found.span("place")
        while context.text[end - 1] in ".,;":
            end -= 1
        taken = any(
            one.start < end and start < one.end
            for kind in (K.DATE, K.TIME, K.DATE_TIME, K.TIME_ZONE, K.PERSON, K.URL)
            for one in context.candidates.get(kind, ())
        )
        if not taken and not _ZONE_WORD.match(context.folded, end):
            return context.value(start, end, confidence=0.65)
    return nothing()


_AT_PLACE = re.compile(
    r"\b(?:in|at|im|in der|in unserem|in unserer|bei|chez|à|à la|au|aux|dans|en|en la|en el)\s"
    r"(?P<place>(?:(?:the|our|der|den|unser\w*|la|le|les|nos|notre|el|las|los|nuestra|nuestras)\s)?"
    r"(?:[A-ZÀ-Ý][\w'’.-]+|\d+\.\d+)(?:\s(?:de |of |du |del )?(?:[A-ZÀ-Ý0-9][\w'’.-]*|office|room"
    r"|Büro"
    r"|floor))*(?:, (?:[A-ZÀ-Ý0-9][\w'’.-]* ){1,3}(?:[Ss]treet|[Rr]oad|[Ll]ane|[Aa]venue|[Ff]loor"
    r"|[Rr]oom|[Bb]uilding))?(?: \([^)\n]*(?:room|floor|raum|stock|etage|étage|salle|sala"
    r"|planta)\))?)"
)
_COMMA_PLACE = re.compile(
    r",\s+(?P<place>[A-ZÀ-Ý][\w'’-]+(?: [A-ZÀ-Ý0-9][\w'’-]*){0,2})(?=\s*(?:,|\n|$|\.\s))"
)
_ZONE_WORD = re.compile(r"\s?(?:time|zeit|uhr|heure|hora)\b")
