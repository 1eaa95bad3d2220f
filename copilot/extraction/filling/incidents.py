"""The course of an incident: when it began, when it was noticed, when it was over.

Invariant: a moment is taken only beside a word that gives it its part; one that has yet to come
never is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from copilot.extracted import FieldValue
from copilot.extraction.candidates import Candidate, CandidateKind
from copilot.extraction.filling.context import OWN, Context, is_robot, nothing
from copilot.extraction.filling.moment_words import BY, SINCE, TROUBLE
from copilot.extraction.filling.moments import (
    Moment,
    dated,
    is_past,
    moments,
    of_form,
    usable,
    written_on,
)
from copilot.extraction.filling.picking import Scored, best
from copilot.extraction.filling.timelines import Entry, entries, is_stamp
from copilot.extraction.reading import SegmentKind, Span
from copilot.schemas import FieldRole, FieldSpec

_NOTICED = re.compile(
    r"\b(?:detected|noticed|alert(?:ed|s)?|alarms?|paged?|pager|reported|called|rang|rings (?:the"
    r"|us|me|in)|phoned"
    r"|found out|came in|saw|seen|(?:our|the|by|via) monitoring|(?:got|came) to know|we learn\w*"
    r"|fire[sd]|goes off|went off"
    r"|first (?:ticket|report|call|complaint|message|mail)s?"
    r"|erkannt|entdeckt|bemerkt|aufgefallen|gemeldet|alarm\w*|(?<!nachste )meldung|gesehen"
    r"|meldete\w*|beschwer\w*|complain\w*|contacted us|apercu\w*|ecri(?:re|vent|t)|nos enteramos"
    r"|quej\w*"
    r"|angerufen|anruf\w*|erste[nrs]? (?:ticket|hinweis|beschwerde)\w*"
    r"|detecte\w*|signale\w*|remarque\w*|constate\w*|alerte\w*|appele\w*|prevenu\w*|vu"
    r"|premiers? (?:appel|ticket|signalement)s?|astreinte (?:appelee|reveillee|prevenue)"
    r"|detect\w*|avis\w*|alert\w*|notific\w*|report\w*|vimos|nos dimos cuenta|llam\w*|salto"
    r"|primer(?:a|os|as)? (?:ticket|aviso|llamada|queja)s?)\b"
)
_ENDED = re.compile(
    r"\b(?:resolved|fixed|over|ended|end|recovered|restored|back|normal|all clear|closed|solved"
    r"|until"
    r"|works again|behoben|gelost|beendet|ende|vorbei|entwarnung|wieder|bis|erledigt|geschlossen"
    r"|resolu\w*|retabli\w*|fin|termine\w*|clos\w*|retour|jusqu'a|corrige\w*|refonctionn\w*"
    r"|resuelt\w*|resolvi\w*|solucionad\w*|restablecid\w*|termin\w*|cerrad\w*|hasta|recuperad\w*"
    r"|vuelve"
    r"|volvio)\b"
)
_OVER = re.compile(  # in an entry of its own, where "back" and "until" say nothing yet
    r"\b(?:resolved|(?:is|are|all|everything|now) (?:fixed|solved|working|green|normal)"
    r"|(?:all|everything|now) (?:fine|good|up)"
    r"|incident (?:is )?(?:over|closed)|(?:is|it's|that's) over|ended|recovered|restored|all clear"
    r"|(?:is|are|was|were|all|everything|everyone|service) back|back (?:to normal|up|online)"
    r"|works? again|working again|normal again|end of (?:the )?(?:incident|outage|disruption)"
    r"|behoben|gelost|beendet|vorbei|entwarnung|wiederhergestellt|alles (?:ok|gut|grun)"
    r"|(?:wieder|alles) (?:da|normal|ok|online|erreichbar|verfugbar|stabil|frei|gut|grun|in ordnung"
    r"|im normalbetrieb)|(?:lauft|laufen|geht|gehen|funktionier\w+) (?:\w+ )?wieder"
    r"|resolue?s?|retabli\w*|fin d(?:e l'|')(?:incident|alerte|panne)|incident clos|clos|cloture"
    r"|retour a la normale|de nouveau (?:ok|disponible|accessible|operationnel\w*)|refonctionn\w*"
    r"|remarche\w*|resuelt\w*|resolvi\w*|solucionad\w*|restablecid\w*|recuperad\w*"
    r"|incidencia cerrada"
    r"|(?:vuelve|volvio|vuelven) a (?:funcionar|la normalidad|estar)|vuelta a la normalidad"
    r"|todo (?:ok|normal|bien)|funciona(?:n)? (?:de nuevo|otra vez)|ya funciona\w*)\b"
)
_NOT_OVER = re.compile(
    r"\b(?:not|n't|nicht|noch kein\w*|pas|aun no|todavia no|once|until|till|bis|when|if|wenn|sobald"
    r"|quand|si|cuando|hasta|nobody|review|post-?mortem|stand-?down)\b"
)
_NEW_NEWS = re.compile(
    r"\b(?:next (?:update|news|word)|nachste (?:meldung|info|information)|prochain point|prochaine"
    r"|proxima (?:actualizacion|informacion)|status page|review|maintenance|past incidents"
    r"|last (?:firing|occurrence|time|incident|outage|alert)|letzte[rs]? (?:vorfall|storung|ausfall"
    r"|alarm)|dernier incident|derniere (?:alerte|panne|fois)|ultim[oa] (?:incidente|incidencia"
    r"|alerta|caida|vez))\b"
)
_ALERT = re.compile(
    r"[^:\n]*:\s*(?:(?:re|fw|fwd|aw|wg|tr|rv)\s?:\s*)*\W*(?:firing|alert\w*|alarm\w*|alerte|alerta"
    r"|problem|triggered|critical|warning|down|incident (?:opened|triggered))\b"
)


def of_incident(context: Context, spec: FieldSpec) -> FieldValue:
    """When an incident was noticed or over, by the words beside the moment."""
    found = list(moments(context, most=OWN, stamps=True))
    told = of_form(context, spec, found, day_only=spec.format == "date")
    if told is not None:
        return told
    over = spec.role is FieldRole.RESOLVED_AT
    known = {one.moment.start: one for one in entries(context, found)}
    judged: list[Scored] = []
    alone = _alone(context)
    for one in found:
        if not usable(context, one):
            continue
        entry = known.get(one.start)
        if entry is not None:
            first = (
                not judged and not over and context.in_turns and entry is next(iter(known.values()))
            )
            fits = first or _says(context, entry, over=over)
        else:
            fits = not is_stamp(context, one) and _beside(context, one, over=over)
        whole = _placed(context, one, alone)
        if fits and whole.iso and is_past(context, replace(whole, clock="")) is not False:
            place = one.start / (len(context.text) + 1)
            worth = 1.0 + (place if over else -place) * 0.3
            worth += 0.4 if over and entry is None and _called_over(context, one) else 0.0
            worth -= 0.5 if over and entry is None and not _called_over(context, one) else 0.0
            value = whole.day if spec.format == "date" else whole.iso
            judged.append(Scored(worth, one.start, one.end, value, 0.75))
    if not judged and not over:
        return _alerted(context, found, spec)
    return best(context, judged)


def _beside(context: Context, one: Moment, *, over: bool) -> bool:
    """Whether the words beside a moment say that it was noticed then, or was over."""
    before = context.before(one.start)
    near = (
        context.before(one.start, reach=45)
        + " · "
        + context.after(one.end, reach=42 if over else 25)
    )
    if _NEW_NEWS.search(near):
        return False
    if over:
        return bool(_ENDED.search(near + " until " if _AND_TO.search(before) else near))
    return not BY.search(before) and bool(_NOTICED.search(near))


def _called_over(context: Context, one: Moment) -> bool:
    """Whether it is said that all was over then, not only until when something went on."""
    near = context.before(one.start, reach=30) + " · " + context.after(one.end, reach=25)
    return bool(_OVER.search(near) or _OVER_AT.search(near))


_OVER_AT = re.compile(r"\b(?:over|ended|fixed|closed|(?<!the )end|ende|fin) (?:at|um|a|a las|:)")


def _says(context: Context, entry: Entry, *, over: bool) -> bool:
    """Whether an entry of a timeline, or a turn, says so of its own time."""
    end = min(entry.end, entry.start + (240 if over else 110))
    told = context.folded[entry.start : end].replace("\n", " ")
    if not over:
        return bool(_NOTICED.search(told))
    found = _OVER.search(told)
    return bool(found) and not _NOT_OVER.search(told[: found.end()] if found else "")


def _alerted(context: Context, found: Sequence[Moment], spec: FieldSpec) -> FieldValue:
    """When an alert was sent, if the text is one."""
    subject = context.lead.subject
    if subject is None or context.in_turns:
        return nothing()
    line = context.folded.rfind("\n", 0, subject.start) + 1
    marked = context.text[subject.start] in "[*!"  # [PROBLEM], [FIRING:1]
    robot = marked or is_robot(context.reading, context.lead.sender_email)
    if not robot or not _ALERT.match(context.folded, line):
        return nothing()
    for one in found:
        segment = context.segment_at(one.start)
        sent = segment.kind is SegmentKind.HEADERS and segment.message == context.lead.number
        if sent and one.day and one.clock:
            value = one.day if spec.format == "date" else one.iso
            return context.value(one.start, one.end, value=value, confidence=0.8)
    return nothing()


def _alone(context: Context) -> frozenset[int]:
    """Where times begin, so also those that no day stands before."""
    return frozenset(one.start for one in context.candidates.get(CandidateKind.TIME, ()))


def _placed(context: Context, one: Moment, alone: frozenset[int]) -> Moment:
    """The moment with its day: in a review a time alone is of the day in the heading."""
    said = written_on(context, one.start)
    if one.day and one.start in alone and not context.in_turns and said is not None:
        near = abs((date.fromisoformat(one.day) - said).days) <= 1
        day = _day_headed(context) if near else ""
        if not day and _is_ahead(context, one):
            day = _day_before(context, one.start, said)
        return replace(one, day=day) if day else one
    return dated(context, one)


def _is_ahead(context: Context, one: Moment) -> bool:
    """Whether it would be later than the text that tells of it."""
    message = context.reading.messages[context.segment_at(one.start).message]
    sent = message.sent_at or context.reading.source.received_at
    return sent is not None and one.day == f"{sent:%Y-%m-%d}" and one.clock[:5] > f"{sent:%H:%M}"


def _day_before(context: Context, offset: int, said: date) -> str:
    """The past day that was named last before a time alone, else yesterday."""
    days = [
        str(one.value)
        for one in context.candidates.get(CandidateKind.DATE, ())
        if one.start < offset
        and usable(context, _whole_day(one))
        and str(one.value) < said.isoformat()
    ]
    return days[-1] if days else (said - timedelta(days=1)).isoformat()


def _whole_day(one: Candidate) -> Moment:
    return Moment(one.start, one.end, str(one.value), "", "", one.confidence)


def _day_headed(context: Context) -> str:
    """The day that stands in the heading of what happened, or in a form; empty if none does."""
    places = [line.value for line in context.forms if line.label in _DAY_LABELS]
    if context.lead.subject is not None:
        places.append(context.lead.subject)
    elif not context.lead.sender_email:
        lines = list(re.finditer(r"[^\n]*\S[^\n]*", context.text[:400]))[:3]
        places += [Span(*line.span()) for line in lines if line.end() - line.start() < _HEADING]
    for place in places:
        for one in context.candidates.get(CandidateKind.DATE, ()):
            if place.start <= one.start < place.end:
                told = _whole_day(one)
                return told.day if is_past(context, told) is not False else ""
    return ""


_HEADING = 120
_DAY_LABELS = frozenset(
    "date day date of incident incident date datum tag datum der storung date de l'incident fecha"
    " fecha del incidente".split()
) | {"date of incident", "incident date", "datum der storung", "date de l'incident", "dia"}


def began(context: Context, spec: FieldSpec) -> FieldValue:
    """When an incident began."""
    found = list(moments(context, most=OWN, stamps=True))
    told = of_form(context, spec, found, day_only=spec.format == "date")
    if told is not None:
        return told
    known = {one.moment.start: one for one in entries(context, found)}
    judged: list[Scored] = []
    alone = _alone(context)
    for one in found:
        if not usable(context, one) or is_stamp(context, one):
            continue
        entry = known.get(one.start)
        before = "" if entry else context.before(one.start, reach=60)
        after = re.split(r"[.;!?] (?!\d)", context.after(one.end, reach=40))[0]
        if entry:
            after = context.folded[entry.start : min(entry.end, entry.start + 90)]
        said = SINCE.search(before) or _BETWEEN.search(before) or _BEGAN.search(after)
        if (
            not said
            and not _STRUCK.search(before)
            and not (entry is None and _opens(context, one, before))
        ):
            continue
        if _WELL_AGAIN.search(after.split("\n")[0]) or _NEW_NEWS.search(before):
            continue
        whole = _placed(context, one, alone)
        if whole.iso and is_past(context, whole) is not False:
            sure = 1.0 if _BEGAN.search(before + after) else 0.6
            sure += 0.3 if whole.clock else 0.0
            value = whole.day if spec.format == "date" else whole.iso
            judged.append(Scored(sure, one.start, one.end, value, 0.75))
    return best(context, judged)


def _opens(context: Context, one: Moment, before: str) -> bool:
    """Whether a sentence begins with the time and goes on with what failed then."""
    if not _AT.fullmatch(before) or not one.clock:
        return False
    after = context.after(one.end, reach=140)
    return bool(TROUBLE.search(after) or _FAILED.search(after)) and not (
        _NOTICED.search(after[:60]) or _WELL_AGAIN.search(after[:60])
    )


_FAILED = re.compile(
    r"\b(?:stopp\w*|arrete\w*|fail\w*|fiel\w*|cayo|cayeron|paro|detuvo|crash\w*|tomb\w*|ausgefallen"
    r"|unterbrochen|interromp\w*|coupe\w*|block\w*|broke\w*|froze\w*|hung|offline)\b"
)
_AT = re.compile(
    r"\W*(?:(?:at|on|um|am|gegen|vers|le|el|a|a las|sobre las|around|shortly after|kurz nach) )?"
)
_AND_TO = re.compile(
    r"\b(?:between|from|zwischen|von|entre|de|desde)\b[^.;]{4,24}\b(?:and|to|und|bis|et|a|y"
    r"|hasta)\s+(?:the )?$"
)
_BETWEEN = re.compile(r"\b(?:between|from|zwischen|von|entre|de|desde)\s+(?:the |las |la |les )?$")
_WELL_AGAIN = re.compile(
    r"\b(?:again|wieder|normal|de nouveau|retabli\w*|resolu\w*|resolved|fixed|behoben|de nuevo"
    r"|resuelt\w*)\b"
)
_BEGAN = re.compile(
    r"\b(?:began|begin|started|starts|start of|first (?:fail\w+|errors?|drops?|time-?outs?"
    r"|symptoms?)"
    r"|(?:error rate|errors?|latency|alerts?|timeouts?|load|queue)(?: \w+)? (?:goes|going|go"
    r"|climbs?"
    r"|climbing|rises?|rising|jumps?|spikes?|grows?|shoots?)|starts? to"
    r"|beginn\w*|begonnen|angefangen|begann|debut\w*"
    r"|commence\w*"
    r"|empez\w*|comenz\w*|inici\w*|since(?! then)|seit|depuis(?! lors)|desde(?! entonces))\b"
)
_STRUCK = re.compile(
    r"\b(?:starts?_?at|started_?at|start_?time|firing since)\W{1,4}$|"
    r"\b(?:went (?:down|dark|offline|wrong)|stopped|crashed|died|failed|broke(?: down)?|fell over"
    r"|fiel\w*|ausgefallen|abgesturzt|steht still|stehen still|tombee?s?|arrete\w*|plante\w*"
    r"|cesse\w*|dejo de|dejaron de|cayo|cayeron|se paro|se detuvo|fallo)\b[^.;:!?]{0,40}"
    r"\b(?:at|on|um|gegen|am|a|vers|le|el|a las|sobre las)\s(?:the |las )?$"
)
