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
from copilot.extraction.filling.moment_words import WEEKDAY
from copilot.extraction.finding.sheet import fold
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
        if not _ONLINE.match(told):
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
    return _roomed(context) or _beside_time(context)


def _roomed(context: Context) -> FieldValue | None:
    """A room by its common word, or an address, where it is said that people meet there."""
    begin, _ = hours(context)
    timed = context.sentence_at(begin.start) if begin is not None else None
    for sentence in context.said(most=OWN):
        if sentence.segment.kind is not SegmentKind.BODY:
            continue
        if sentence.segment.message != context.lead.number and not context.in_turns:
            continue
        place = _FIND_US.search(context.text, sentence.start, sentence.end) or _MET_AT.search(
            context.text, sentence.start, sentence.end
        )
        if place is None and (
            sentence is timed or _MEETS.search(context.folded, sentence.start, sentence.end)
        ):
            place = _AT_ROOM.search(context.text, sentence.start, sentence.end)
        if place is None or OFF.search(context.before(place.start("place"), reach=30)):
            continue
        start, end = place.span("place")
        while context.text[end - 1] in " .,;":
            end -= 1
        return context.value(start, end, confidence=0.75)
    return None


def _behind_time(context: Context, end: int) -> tuple[int, int] | None:
    """What stands behind the hours, between commas: 9:45-10:00, Quarry Hall, by the plant."""
    begins = _FIRST_COMMA.match(context.text, end)
    if begins is None:
        return None
    start = at = begins.end()
    stop = _PARTS_END.search(context.text, start)
    last = stop.start() if stop else len(context.text)
    reached = start
    while at < last:
        comma = context.text.find(",", at, last)
        comma = comma if comma >= 0 else last
        if not _is_place(context.text[at:comma].strip()):
            break
        reached, at = comma, comma + 1
    return (start, reached) if reached > start else None


def _is_place(part: str) -> bool:
    words = part.split()
    if not 1 <= len(words) <= 4 or _NO_PLACE.search(fold(part)):
        return False
    if words[0][0].isupper():
        return len(words) > 1 or part.isalpha()
    return _BESIDE.match(part) is not None or re.search(rf"\b{_ROOM}\b", part, re.I) is not None


def _beside_time(context: Context) -> FieldValue:
    """A proper name behind "at" or "in" in the sentence that says when."""
    begin, finish = hours(context)
    when = begin.start if begin else None
    sentence = context.sentence_at(when) if when is not None else None
    if sentence is None or begin is None:
        return nothing()
    behind = _behind_time(context, _with_zone(context, (finish or begin).end))
    if behind is not None:
        return context.value(*behind, confidence=0.65)
    for found in [*_AT_PLACE.finditer(context.text, sentence.start, sentence.end)]:
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


def _with_zone(context: Context, end: int) -> int:
    return next(
        (one.end for one in context.of(K.TIME_ZONE) if 0 <= one.start - end <= 3),
        end,
    )


_ROOM = (
    r"(?:room|boardroom|studio|offices?|lounge|lobby|canteen|cafeteria|caf[eé]|kitchen|workshop"
    r"|shop"
    r"|lab|laboratory|library|auditorium|gym|hall|barn|foyer|terrace|garden|warehouse|boathouse"
    r"|clubhouse|showroom|pub|restaurant|hotel|chapel|vestry|gallery|plant|depot"
    r"|\w*raum|\w*saal|\w*zimmer|\w*büro|\w*küche|\w*kantine|\w*werkstatt|\w*halle|\w*stube|\w*haus"
    r"|\w*lager|bibliothek|aula|keller|\w*laden|praxis"
    r"|salle|bureau|atelier|cuisine|cantine|réfectoire|bibliothèque|amphithéâtre|mairie|boutique"
    r"|locaux|magasin|sala|salón|oficinas?|despacho|consultorio|taller|comedor|cocina|biblioteca"
    r"|almacén|bodega|patio|aula|sede|local|tienda)"
)
_OF = r"(?:\s(?:de la|de los|de las|de|del|du|des|de l['’]|d['’]|au|of the|of)\s?[\wà-ÿ'’-]+)"
_AT_ROOM = re.compile(
    r"\b(?i:in|at|im|beim|am|zum|au|aux|à|dans|chez|en|junto a)\s"
    r"(?:(?i:the|our|my|your|der|dem|den|die|das|unser\w*|la|le|les|notre|votre|el|los|las"
    r"|nuestr[oa]"
    r"|mi|su)\s|(?i:l['’]))?"
    rf"(?P<place>(?:[\w'’-]+\s){{0,2}}?(?i:{_ROOM})\b(?:\s(?:\d+\w?|[A-ZÀ-Ý][\w'’-]*))?{_OF}{{0,3}}"
    r"(?:\s(?:étage|piso|floor|Stock|planta))?"
    r"(?:,\s[A-ZÀ-Ý][\w'’-]*(?:\s[A-ZÀ-Ý\d][\w'’-]*){0,2})?"
    r"(?:\s\([^)\n]{2,30}\))?)"
)
_MEETS = re.compile(
    r"\b(?:meet|meets|met|gather\w*|see you|sit down|get together|held|convene\w*|treffen|trifft"
    r"|setzen (?:wir )?uns|sehen uns|findet|statt|versammel\w+|retrouv\w+|reuni\w*|se reune"
    r"|juntamos"
    r"|vemos|quedamos|celebra\w*|tendra lugar|aura lieu|se tient|se tiendra)\b"
)
_FIND_US = re.compile(
    r"(?i:find(?:en|et)? uns|find us|our (?:new )?address is|nous trouverez|nos encontrar[áa]\w*"
    r"|nos"
    r" encuentra\w*|ven(?:id|ga) a)[^.\n]{0,30}?\s(?i:in der|in|am|an der|at|au|à|en)\s"
    r"(?P<place>(?:\d+ )?[A-ZÀ-Ý][\w'’-]+(?: [A-ZÀ-Ý\d][\w'’-]*){0,4}"
    r"(?:, (?:\d{1,2}\.? ?(?:OG|UG|EG|Stock|Etage|Obergeschoss|étage|planta|piso)"
    r"|\d(?:st|nd|rd|th) floor|[A-ZÀ-Ý][\w'’-]+(?: [A-ZÀ-Ý\d][\w'’-]*){0,3})){0,2})"
)
_MET_AT = re.compile(
    r"\b(?i:(?:we(?:'ll| will)? |let's |to )meet (?:up )?(?:at|in|by|outside)"
    r"|meeting point(?: is)?:?"
    r"|treffen (?:wir )?uns (?:\w+ )?(?:an|am|im|in|bei|beim|vor)|treffpunkt(?: ist)?:?"
    r"|on se (?:retrouve|voit)"
    r" (?:à|au|en|dans|devant|chez)|rendez-vous (?:à|au|dans|devant)|nos (?:vemos|encontramos"
    r"|juntamos)"
    r" (?:en|frente a)|quedamos en(?! que\b))\s"
    r"(?i:(?:the|our|der|dem|den|die|das|unser\w*|la|le|les|el|los|las|l['’])\s?)?(?!\d|las?\s\d)"
    r"(?P<place>[\w'’-]+(?:\s(?!(?:at|um|à|a|am|on|el|le|para|pour|damit|so|and|und|et|y|with|mit"
    r"|con)\b)"
    r"[\w'’-]+){0,6})"
)
_FIRST_COMMA = re.compile(r"[)\]]?,[ \t]+(?=\S)")
_PARTS_END = re.compile(r"[.!?;(](?=\s|$)|\n|\s[–—-]\s|[+&]|https?:|$")
_NO_PLACE = re.compile(
    r"\d[:.h]\d|\b(?:ok|okay|please|if|with|and|for|we|i|you|me|thanks|same|let|see|as|is|are|will"
    r"|but|so|que|y|et|und|bitte|wenn|oder|or|online|via|per|on|then|time|yes|no|sharp|also"
    r"|visio\w*|video\w*|zoom|teams|call|phone|telefon\w*|telephone|telefono|mit"
    r"|avec"
    r"|con|today|tomorrow|" + WEEKDAY + r")\b"
)
_BESIDE = re.compile(
    r"(?:by|near|next to|beside|behind|opposite|at|in|im|neben|hinter|vor|bei|pres d\w+|devant|chez"
    r"|au|junto a|en)\s(?:the |der |dem |la |le |el )?[^\W\d_]"
)
_AT_PLACE = re.compile(
    r"\b(?:in|at|im|in der|in unserem|in unserer|bei|chez|à|à la|au|aux|dans|en|en la|en el)\s"
    r"(?P<place>(?:(?:the|our|der|den|unser\w*|la|le|les|nos|notre|el|las|los|nuestra|nuestras)\s)?"
    r"(?:[A-ZÀ-Ý][\w'’.-]+|\d+\.\d+)(?:\s(?:de |of |du |del )?(?:[A-ZÀ-Ý0-9][\w'’.-]*|office|room"
    r"|branch|site"
    r"|headquarters|surgery|showroom|yard|premises"
    r"|Büro"
    r"|floor))*(?:, (?:[A-ZÀ-Ý0-9][\w'’.-]* ){1,3}(?:[Ss]treet|[Rr]oad|[Ll]ane|[Aa]venue|[Ff]loor"
    r"|[Rr]oom|[Bb]uilding))?(?: \([^)\n]*(?:room|floor|raum|stock|etage|étage|salle|sala"
    r"|planta)\))?)"
)
_ONLINE = re.compile(
    r"(?:https?://|(?:online|remote|virtual\w*|virtuell|en ligne|en linea|video ?(?:call"
    r"|konferenz)?"
    r"|visio\w*|tbd|tba|(?:via |on |per )?(?:microsoft )?(?:zoom|teams|google meet|meet|webex"
    r"|skype|jitsi"
    r"|slack)(?: meeting| call)?)\W*(?:$|https?:|\(https?:))",
    re.IGNORECASE,
)
_ZONE_WORD = re.compile(r"\s?(?:time|zeit|uhr|heure|hora)\b")
