"""When and where people meet: the last day, time and place that were proposed.

Invariant: what was called off or replaced isn't taken; a duration gives an end only where there is
a beginning.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from copilot.extracted import FieldValue
from copilot.extraction.candidates import Candidate, CandidateKind
from copilot.extraction.filling.context import OWN, Context, nothing
from copilot.extraction.filling.labels import labelled
from copilot.extraction.filling.moments import Moment, moments
from copilot.extraction.filling.timelines import is_stamp
from copilot.extraction.reading import SegmentKind, Span
from copilot.schemas import FieldRole, FieldSpec

K = CandidateKind

OFF = re.compile(
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
_TOOK = re.compile(
    r"\b(?:duree|duration|dauer|duracion|length|lasted|dauerte|a dure|duro)\W{1,3}(?:about "
    r"|ca\.? |environ )?"
    r"(?P<h>\d)\s?(?:h|:|std\w*|stunden|hours?|heures?|horas?)\s?(?P<m>\d\d)?\b"
)
_HOURS = {"an": 1.0, "one": 1.0, "ein": 1.0, "eine": 1.0, "une": 1.0, "una": 1.0}
_HOURS |= {"two": 2.0, "zwei": 2.0, "deux": 2.0, "dos": 2.0}
_RANGE = re.compile(
    r"[\s,]*(?:-|–|—|to|until|till|bis|a|à|jusqu'a|hasta|y|and|und|ende|end|ends|fin"
    r"|termina)[\s,:]*(?:las |le |um |at |a las )?$"
)


def _proposals(context: Context) -> list[Moment]:
    """The moments that may be the meeting's, in the order in which they were proposed."""
    found = [
        one
        for one in _moments(context)
        if context.kind(one.start) in (SegmentKind.BODY, SegmentKind.FORM)
        and not _is_listed(context, one)
    ]
    kept = [one for one in found if not _recorded(context, one)]
    # of a talk that was itself the meeting its first line tells when
    found = kept if any(one.clock for one in kept) or not context.in_turns else found
    ends = [0, *(one.end for one in found)]
    kept = [one for one, end in zip(found, ends, strict=False) if not _is_off(context, one, end)]
    # in a thread what was sent last stands first
    current = [one for one in kept if context.segment_at(one.start).message == context.lead.number]
    return current if current and not context.in_turns else kept


def _is_listed(context: Context, one: Moment) -> bool:
    """Whether it stands in a list of what was decided or is to be done."""
    line = context.text.rfind("\n", 0, one.start) + 1
    if not _ITEM.match(context.text, line):
        return False
    lines = context.folded[max(0, line - _LIST) : line].split("\n")
    above = next((told for told in reversed(lines) if told and not _ITEM.match(told)), "")
    return len(above) < _HEADING and bool(_AGREED.search(above))


def _recorded(context: Context, one: Moment) -> bool:
    """Whether it is when a message was recorded."""
    if _STARTED.search(context.before(one.start, reach=24)):
        return False
    return bool(_RECORDING.match(context.folded)) and "\n" not in context.text[: one.start].lstrip()


def _is_off(context: Context, one: Moment, behind: int) -> bool:
    """Whether it is called off, by the words since the moment before it, which ends at"
    " ``behind``."""
    before = context.folded[max(behind, one.start - 45) : one.start].replace("\n", " ")
    before = re.split(r"[,;:.]\s|\b(?:but|sondern|mais|sino)\b", before)[-1]
    after = context.after(one.end, reach=40)
    after = re.split(r"[,;:.(]|\b(?:to|auf|au|al|instead|(?:an)?statt|en lugar|en vez)\b", after)[0]
    return bool(OFF.search(before) or OFF.search(after))


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
    begin, _ = hours(context)
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
    return [one for one in _moments(context) if one.clock]


def _moments(context: Context) -> Iterator[Moment]:
    """All that are said; in a talk also one with which a turn begins, but none of its head."""
    for one in moments(context, most=OWN, stamps=context.in_turns):
        if not is_stamp(context, one):
            yield one


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
_BOTH = re.compile(r"\b(?:end|ends|ende|bis|to|fin|termino|hasta)\W{1,24}$")
_SAME_TIME = re.compile(
    r"\b(?:same time|(?:gleiche|selbe)[rn]? (?:uhrzeit|zeit)|meme heure|misma hora)\b"
)
_HEADING = 60
_LIST = 2_000
_ITEM = re.compile(r"[ \t>]*(?:[-*•·–☐☑]|\(?\d{1,2}[.)]|\[.?\])\s")
_AGREED = re.compile(
    r"\b(?:settled|decided|decisions?|agreed|outcomes?|actions?|who does what|to-?dos?|tasks?"
    r"|next steps"
    r"|beschl\w+|entschied\w*|vereinbar\w*|festgehalten|ergebnisse?|aufgaben|wer macht was"
    r"|decide\w*|decisions|a faire|actions|qui fait quoi|retenu|acuerd\w+|acordado|decidido|tareas"
    r"|pendientes|quien hace que)\b"
)
_STARTED = re.compile(
    r"\b(?:started|starts|began|begins|opened|beginn\w*|begann|eroffnet|start|debut|ouverte?"
    r"|commence"
    r"|inicio|empezo|comienzo|siendo)\W{1,3}(?:at |um |a |las |a las )?$"
)
_CLOSED = re.compile(
    r"\b(?:(?:meeting|session|sitting|recording|call|committee|business)(?: was| were|(?: then)?)"
    r" (?:closed|ended|adjourned|finished|concluded|rose)|adjourned|meeting closed|recording ended"
    r"|(?:ende|schluss)(?: der (?:sitzung|besprechung|versammlung|aufnahme))?|sitzung (?:\w+ ){0,2}"
    r"(?:um|gegen)|(?:sitzung|versammlung) (?:endet\w*|schliesst)|schliesst (?:die"
    r"|der) \w+ (?:\w+ ){0,2}"
    r"|(?:seance|reunion) (?:est )?(?:levee|close|terminee)|fin de (?:la )?(?:seance|reunion)"
    r"|(?:se )?levanta\w*(?: la (?:sesion|reunion))?|(?:se (?:cierra|cerro|dio por (?:terminada"
    r"|concluida))"
    r"|termina|termino|finaliza|finalizo|concluye|concluyo)(?: la (?:sesion|reunion|junta))?"
    r"|hard stop|(?:i|we) (?:have|need|must) (?:to )?(?:leave|go|run|stop|be (?:off|out))"
    r"|must be (?:out|off)"
    r"|(?:muss|mussen) (?:ich|wir) (?:weg|los|fertig|raus)|je dois (?:partir|filer)"
    r"|(?:me )?tengo que ir(?:me)?)\b[^.;!?\n]{0,24}$"
)
_MUST_GO = re.compile(
    r"\W{0,3}(?:muss(?:en)? (?:ich|wir) (?:weg|los|fertig|raus|gehen)|(?:hard )?stop\b"
    r"|je dois (?:partir"
    r"|filer|y aller)|(?:me )?tengo que ir|(?:i|we) (?:have|need|must) (?:to )?(?:leave|go|run"
    r"|be out)"
    r"|(?:endet?|schliesst|beendet)\b|(?:ist|war) schluss|(?:is|was) the end)"
)
_UNTIL = re.compile(r"\b(?:until|till|bis|jusqu'a|hasta)\s+(?:um |las |la |at )?$")


def start(context: Context, spec: FieldSpec) -> FieldValue:
    """When it begins."""
    begin, _ = hours(context)
    if begin is None:
        return nothing()
    place = _clock_place(context, begin)
    return context.value(place.start, place.end, value=begin.clock[:5], confidence=0.8)


def end(context: Context, spec: FieldSpec) -> FieldValue:
    """When it ends: as it is said, or by how long it takes."""
    begin, finish = hours(context)
    if finish is not None:
        return context.value(finish.start, finish.end, value=finish.clock[:5], confidence=0.8)
    if begin is None:
        return nothing()
    return _by_length(context, begin)


def hours(context: Context) -> tuple[Moment | None, Moment | None]:
    """Beginning and end: two times with "to" between, the last ones proposed."""
    clocks = _clocks(context)
    if not clocks:
        return None, None
    closing = [one for one in clocks if _closes(context, one)]
    clocks = [one for one in clocks if one not in closing] or clocks
    labelled_pair = len(clocks) == 2 and bool(_BOTH.search(context.before(clocks[0].start)))
    pairs = [
        (one, other)
        for one, other in itertools.pairwise(clocks)
        if one.clock < other.clock
        and (
            (labelled_pair and context.text[one.end : other.start].strip() in "/|")
            or _RANGE.fullmatch(context.folded[one.end : other.start])
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
    closing = [one for one in closing or _recording_ended(context) if one.clock > begin.clock]
    later = later or closing[-1:]
    return begin, later[-1] if later else None


def _closes(context: Context, one: Moment) -> bool:
    """Whether it is said that the meeting ended then, or that somebody has to go."""
    return bool(
        _CLOSED.search(context.before(one.start, reach=60))
        or _MUST_GO.match(context.after(one.end, reach=30))
    )


def _recording_ended(context: Context) -> list[Moment]:
    """What the recording itself says below a talk."""
    found = context.candidates.get(K.TIME, ()) if context.in_turns else ()
    return [
        Moment(one.start, one.end, "", str(one.value), "", one.confidence)
        for one in found
        if context.kind(one.start) is SegmentKind.BOILERPLATE
        and _CLOSED.search(context.folded, max(0, one.start - 40), one.start)
    ]


def _clock_place(context: Context, one: Moment) -> Span:
    """Of a day with its time, the time."""
    for other in context.candidates.get(CandidateKind.TIME, ()):
        if one.start <= other.start and other.end <= one.end:
            return Span(other.start, other.end)
    return Span(one.start, one.end)


def _by_length(context: Context, begin: Moment) -> FieldValue:
    took = _TOOK.search(context.folded)
    if took is not None and context.rank(took.start()) <= OWN:
        last = _later(begin, 60 * int(took["h"]) + int(took["m"] or 0))
        if last:
            return context.value(took.start("h"), took.end(), value=last, confidence=0.7)
    for sentence in context.said(most=OWN):
        found = _LENGTH.search(context.folded, sentence.start, sentence.end)
        if found is None or re.search(
            r"\b(?:ago|vor|il y a|hace|late|later)\b", context.folded[sentence.start : sentence.end]
        ):
            continue
        last = _later(begin, _minutes(found))
        if last:
            return context.value(found.start(), found.end(), value=last, confidence=0.7)
    return nothing()


def _later(begin: Moment, minutes: int) -> str:
    """The time so many minutes later; empty on another day or after a day's work."""
    first = datetime.strptime(begin.clock[:5], "%H:%M").replace(tzinfo=None)  # noqa: DTZ007
    last = first + timedelta(minutes=minutes)
    return last.strftime("%H:%M") if 0 < minutes <= 600 and last.day == first.day else ""


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
    begin, finish = hours(context)
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
