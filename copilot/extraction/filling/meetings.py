"""When and where people meet: the last day, time and place that were proposed.

Invariant: what was called off or replaced isn't taken; a duration gives an end only where there is
a beginning.
"""

from __future__ import annotations

import itertools
import re
from datetime import datetime, timedelta

from copilot.extracted import FieldValue
from copilot.extraction.candidates import Candidate, CandidateKind
from copilot.extraction.filling.context import OWN, Context, nothing
from copilot.extraction.filling.labels import labelled
from copilot.extraction.filling.moments import Moment, moments
from copilot.extraction.reading import SegmentKind, Span
from copilot.schemas import FieldRole, FieldSpec

K = CandidateKind

_OFF = re.compile(
    r"\b(?:cancel\w*|called off|no longer|instead of|not on|mov\w+ (?:\w+ ){0,3}from|shift\w*"
    r" (?:\w+ ){0,3}from|was planned|originally|old"
    r"|abgesagt|entfallt|fallt aus|statt|ursprunglich|verschoben von|annule\w*|au lieu d\w*"
    r"|prevue? le"
    r"|initialement|reporte\w* du|cancelad\w*|en lugar de|en vez de|previst[oa]|anulad\w*|bad"
    r"|can't|doesn't work|won't work|not possible|passt nicht|geht nicht|ne convient pas|no puede"
    r"|kommt .{0,40} nicht in frage|dentist|holiday|urlaub|away|from .{0,25} our address"
    r"|until"
    r" then|office move|last meeting|deadline)\b"
)
_RECORDING = re.compile(
    r"\W*(?:voicemail|voice message|missed call|recording|sprachnachricht|mailbox|anrufbeantworter"
    r"|(?:call )?transcript\w*|aufzeichnung|mitschnitt|message vocal|messagerie|buzon de voz"
    r"|mensaje de voz|grabacion|auto\w* transcri\w*|transkri\w*)\b"
)
_LENGTH = re.compile(
    r"\b(?:(?P<long>an hour and a half|one and a half hours|anderthalb stunden|eineinhalb stunden"
    r"|une heure et demie|(?:una )?hora y media)|(?P<half>half an hour|half hour|halbe stunde"
    r"|demi-heure|media hora)"
    r"|(?P<quarters>(?:three"
    r" quarters|dreiviertel|trois quarts|tres cuartos)[^.\n]{0,12}(?:hour|stunde|heure|hora))"
    r"|(?P<minutes>\d{2,3}) ?(?:min\b|minutes|minuten|minutos)|(?P<hours>\d(?:[.,]5)?|an|one|eine?"
    r"|une"
    r"|una|two|zwei|deux|dos) ?(?:hours?|stunden?|heures?|horas?|h\b))"
)
_HOURS = {"an": 1.0, "one": 1.0, "ein": 1.0, "eine": 1.0, "une": 1.0, "una": 1.0}
_HOURS |= {"two": 2.0, "zwei": 2.0, "deux": 2.0, "dos": 2.0}
_RANGE = re.compile(
    r"[\s,]*(?:-|–|—|to|until|till|bis|a|à|jusqu'a|hasta|y|and|und|ende|end|ends|fin"
    r"|termina)[\s,:]*(?:las |le |um |at |a las )?$"
)
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


def _proposals(context: Context) -> list[Moment]:
    """The moments that may be the meeting's, in the order in which they were proposed."""
    found = [
        one
        for one in moments(context, most=OWN)
        if context.kind(one.start) in (SegmentKind.BODY, SegmentKind.FORM)
        and not _recorded(context, one)
    ]
    ends = [0, *(one.end for one in found)]
    kept = [one for one, end in zip(found, ends, strict=False) if not _is_off(context, one, end)]
    # in a thread what was sent last stands first
    current = [one for one in kept if context.segment_at(one.start).message == context.lead.number]
    return current if current and not context.in_turns else kept


def _recorded(context: Context, one: Moment) -> bool:
    """Whether it is when a message was recorded."""
    return bool(_RECORDING.match(context.folded)) and "\n" not in context.text[: one.start].lstrip()


def _is_off(context: Context, one: Moment, behind: int) -> bool:
    """Whether it is called off, by the words since the moment before it, which ends at"
    " ``behind``."""
    before = context.folded[max(behind, one.start - 45) : one.start].replace("\n", " ")
    before = re.split(r"[,;:.]\s|\b(?:but|sondern|mais|sino)\b", before)[-1]
    after = context.after(one.end, reach=40)
    after = re.split(r"[,;:.(]|\b(?:to|auf|au|al)\b", after)[0]
    return bool(_OFF.search(before) or _OFF.search(after))


def day(context: Context, spec: FieldSpec) -> FieldValue:
    """The day of the meeting."""
    told = _labelled_moment(context, spec)
    if told is not None and told.day:
        return context.value(told.start, told.end, value=told.day, confidence=0.95)
    bare = {(one.start, one.end) for one in context.candidates.get(K.TIME, ())}
    # a time alone has the day of the text, of which nobody said that it is meant
    days = [one for one in _proposals(context) if one.day and (one.start, one.end) not in bare]
    if not days:
        return nothing()
    begin, _ = _hours(context)
    sentence = context.sentence_at(begin.start) if begin else None
    if begin is not None and sentence is not None:
        before = [one for one in days if sentence.start <= one.start <= begin.start]
        if before:
            one = before[-1]
            return context.value(one.start, one.end, value=one.day, confidence=0.85)
    moved = [one for one in days if _MOVED.search(context.before(one.start, reach=70))]
    if moved:
        one = moved[-1 if context.in_turns else 0]
        return context.value(one.start, one.end, value=one.day, confidence=0.85)
    timed = [one for one in days if one.clock or _time_near(context, one)]
    one = (timed or days)[-1 if context.in_turns else 0]
    return context.value(one.start, one.end, value=one.day, confidence=0.8)


def _labelled_moment(context: Context, spec: FieldSpec) -> Moment | None:
    for line in labelled(context, spec):
        for one in moments(context, most=OWN):
            if line.value.start <= one.start < line.value.end:
                return one
    return None


def _time_near(context: Context, one: Moment) -> bool:
    sentence = context.sentence_at(one.start)
    end = sentence.end if sentence else one.end + 60
    return any(
        one.start < other.start < end
        for other in context.of(CandidateKind.TIME, CandidateKind.DATE_TIME)
    )


def _clocks(context: Context) -> list[Moment]:
    for role in (FieldRole.START_TIME,):
        spec = FieldSpec(("start",), "string", role)
        for line in labelled(context, spec):
            inside = [
                one
                for one in _times(context)
                if one.clock and line.value.start <= one.start < line.value.end
            ]
            if inside:
                return inside
    return [one for one in _proposals_of_time(context) if one.clock]


def _times(context: Context) -> list[Moment]:
    """Every time, also one that stands within a longer moment's stretch."""
    return [one for one in moments(context, most=OWN) if one.clock]


def _proposals_of_time(context: Context) -> list[Moment]:
    told = [one for one in _proposals(context) if one.clock]
    if told or not _SAME_TIME.search(context.folded):
        return told
    return [one for one in _times(context) if context.kind(one.start) is SegmentKind.BODY]


_MOVED = re.compile(
    r"\b(?:verleg\w*|verschieb\w*|move|moving|reschedul\w*|shift\w*|postpone\w*|push\w*|deplac\w*"
    r"|decal\w*|report(?:e|er|ons|ee?) (?=a|au)|mover|mov\w*mos|aplaza\w*|pospon\w*|cambia\w*)\b"
    r"[^.!?]{0,40}\b(?:to|till|auf|au|a|al)\s+(?:\w+,? ){0,2}$"
)
_SAME_TIME = re.compile(
    r"\b(?:same time|(?:gleiche|selbe)[rn]? (?:uhrzeit|zeit)|meme heure|misma hora)\b"
)
_UNTIL = re.compile(r"\b(?:until|till|bis|jusqu'a|hasta)\s+(?:um |las |la |at )?$")


def start(context: Context, spec: FieldSpec) -> FieldValue:
    """When it begins."""
    begin, _ = _hours(context)
    if begin is None:
        return nothing()
    place = _clock_place(context, begin)
    return context.value(place.start, place.end, value=begin.clock[:5], confidence=0.8)


def end(context: Context, spec: FieldSpec) -> FieldValue:
    """When it ends: as it is said, or by how long it takes."""
    begin, finish = _hours(context)
    if finish is not None:
        return context.value(finish.start, finish.end, value=finish.clock[:5], confidence=0.8)
    if begin is None:
        return nothing()
    return _by_length(context, begin)


def _hours(context: Context) -> tuple[Moment | None, Moment | None]:
    """Beginning and end: two times with "to" between, the last ones proposed."""
    clocks = _clocks(context)
    if not clocks:
        return None, None
    pairs = [
        (one, other)
        for one, other in itertools.pairwise(clocks)
        if one.clock < other.clock
        and (
            _RANGE.fullmatch(context.folded[one.end : other.start])
            or (
                other.start - one.end <= 24 and _RANGE.search(context.folded[one.end : other.start])
            )
        )
    ]
    if pairs:
        return pairs[-1 if context.in_turns else 0]
    ends = [one for one in clocks if _UNTIL.search(context.before(one.start))]
    begins = [one for one in clocks if one not in ends] or clocks
    begin = begins[-1 if context.in_turns else 0]
    later = [one for one in ends if one.clock > begin.clock]
    return begin, later[-1] if later else None


def _clock_place(context: Context, one: Moment) -> Span:
    """Of a day with its time, the time."""
    for other in context.candidates.get(CandidateKind.TIME, ()):
        if one.start <= other.start and other.end <= one.end:
            return Span(other.start, other.end)
    return Span(one.start, one.end)


def _by_length(context: Context, begin: Moment) -> FieldValue:
    for sentence in context.said(most=OWN):
        found = _LENGTH.search(context.folded, sentence.start, sentence.end)
        if found is None or re.search(
            r"\b(?:ago|vor|il y a|hace|late|later)\b", context.folded[sentence.start : sentence.end]
        ):
            continue
        minutes = _minutes(found)
        first = datetime.strptime(begin.clock[:5], "%H:%M").replace(tzinfo=None)  # noqa: DTZ007
        last = first + timedelta(minutes=minutes)
        if 0 < minutes <= 600 and last.day == first.day:
            return context.value(
                found.start(), found.end(), value=last.strftime("%H:%M"), confidence=0.7
            )
    return nothing()


def _minutes(found: re.Match[str]) -> int:
    if found["long"]:
        return 90
    if found["half"]:
        return 30
    if found["quarters"]:
        return 45
    if found["minutes"]:
        return int(found["minutes"])
    hours = found["hours"].replace(",", ".")
    return int(
        60 * _HOURS.get(hours, 0.0) or 60 * float(hours)
        if hours[:1].isdigit()
        else 60 * _HOURS.get(hours, 0.0)
    )


def time_zone(context: Context, spec: FieldSpec) -> FieldValue:
    """The zone as the text names it."""
    begin, finish = _hours(context)
    found = [
        one
        for one in context.of(CandidateKind.TIME_ZONE)
        if context.kind(one.start) in (SegmentKind.BODY, SegmentKind.FORM)
    ]
    near = [one for one in found if begin is not None and _near(one, finish or begin)]
    chosen = near or [
        one
        for one in found
        if not context.text[one.start : one.end].isalpha() or _is_upper(context, one)
    ]
    if not chosen or (begin is None and not near):
        return nothing()
    one = chosen[0]
    return context.value(one.start, one.end, confidence=0.8)


def _is_upper(context: Context, one: Candidate) -> bool:
    return context.text[one.start : one.end].isupper()


def _near(one: Candidate, moment: Moment) -> bool:
    return moment.start - 20 <= one.start <= moment.end + 20


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
            if not _OFF.search(before):
                group = "named" if found["named"] else "met" if found["met"] else 0
                begin = found.start(group)
                finish = found.end()
                while context.text[finish - 1] in ".,;":
                    finish -= 1
                return context.value(begin, finish, confidence=0.75)
    return _beside_time(context)


def _beside_time(context: Context) -> FieldValue:
    """A proper name behind "at" or "in" in the sentence that says when."""
    begin, _ = _hours(context)
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
