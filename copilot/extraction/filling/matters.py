"""What a meeting is about where no subject says it: the paper's name, or what is to be talked of.

Invariant: a name of the paper stands in its first lines; of the sort of paper alone, of its house
and of the day there is no title.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from copilot.extraction.candidates import CandidateKind
from copilot.extraction.filling.context import OTHERS, Context
from copilot.extraction.reading import SegmentKind, Span

_FIRST = 6  # lines in which a paper says what it is
_LONG = 100
_SORT = (
    r"(?:minutes|notes|protokoll|niederschrift|(?:ergebnis|besprechungs|sitzungs|gesprachs"
    r"|verlaufs)(?:protokoll|notiz)|mitschrift|aktennotiz|compte[- ]rendu|proces[- ]verbal|pv|cr"
    r"|releve de decisions|acta|resumen|recap|summary|agenda|tagesordnung|ordre du jour"
    r"|orden del dia|transcript\w*|transkript|abschrift|recording|aufzeichnung|mitschnitt"
    r"|enregistrement|retranscription|grabacion|invitation|einladung|invitacion|convocation"
    r"|convocatoria|meeting (?:minutes|notes|recap|summary|invitation|request)"
    r"|termineinladung)"
)
_OF = (
    r"(?:\s?(?:-|–|—|:|\||·)\s+|\s(?:of|from|on|for|to|zu[mr]?|der|des|die|uber|vom|de la|de l'|du"
    r"|des"
    r"|de|del|sobre)\s(?:the |our |la |le |der |die )?)"
)
_NAMED = re.compile(rf"\W*{_SORT}(?:\s{_SORT})?{_OF}(?=\S+)")
_GENERIC = re.compile(
    r"(?:the |our |la |le |el |die |der |unser\w* |notre |nuestra )?(?:meeting|call|reunion|sitzung"
    r"|besprechung|treffen|termin|seance|sesion|junta|rdv|rendez-vous|cita)"
)
_ABOUT = re.compile(
    r"\b(?:about|regarding|concerning|sobre|acerca de|zum thema|uber|wegen|concernant|au sujet de"
    r"|sur)\s"
    r"(?:the |la |le |el |die |den |das |les |los |las )?(?=\S{3})"
)
_MOVES = re.compile(
    r"\b(?:(?:move|reschedule|postpone|push|shift) (?P<en>(?!it\b|this\b|that\b|us\b"
    r"|you\b)[^.,;?!\n]{3,40}?)"
    r" (?:to|from|until|till|by|back|forward)\b"
    r"|(?:deplacer|decaler|reporter) (?P<fr>[^.,;?!\n]{3,40}?) (?:au|a|de|du)\b"
    r"|(?:mover|aplazar|cambiar|pasar) (?P<es>(?:la|el|nuestra) [^.,;?!\n]{3,40}?) (?:al|a|para"
    r"|del)\b"
    r"|(?P<de>(?:den|die|das|unser\w*) [^.,;?!\n]{3,40}?) (?:auf|von|vom) [^.,;?!\n]{2,40}"
    r" (?:verschieben|verlegen))"
)
_LABELLED = re.compile(
    r"\W*(?:meeting|sitzung|besprechung|anlass|veranstaltung|event|reunion|sesion|seance"
    r"|junta)\*{0,2}"
    r"\s?:\*{0,2}\s+(?=\S+)"
)
_FRONTED = re.compile(
    r"(?:\W*(?:hi|hey|hello|so|ok|hallo|moin|salut"
    r"|hola)\b[^,.!]{0,20}[,.!]\s)?(?P<topic>[^,.?!:;\n]{4,60})"
    r"(?:,|:|\s[–—-])\s(?:can|could|shall|should|let's|konnen wir|wollen wir|sollen wir|on peut"
    r"|peut-on"
    r"|on se|podemos|nos)\b[^.?!]{0,20}\b(?:sit|meet|talk|speak|have a (?:call|chat|look|meeting"
    r"|word)"
    r"|catch up|get together|jump on|treffen|zusammensetzen|sprechen|telefonieren|voir|parle\w*"
    r"|appelle\w*|vemos|juntamos|reunimos|hablar|vernos)\b"
)
_ONLY = re.compile(rf"\W*{_SORT}(?:\s\d[\d/.-]*)?\s*(?:\([^)\n]*\))?\W*$")
_GATHERS = re.compile(
    r"\b(?:\w*(?:meeting|review|stand-?up|retro(?:spective)?|planning|kick-?off|workshop|committee"
    r"|board|call|sync|demo|debrief|assembly|sitzung|besprechung|versammlung|runde|treffen"
    r"|vorfuhrung"
    r"|abstimmung|klausur)|reunion|comite|conseil|assemblee|atelier|seance|point|junta|consejo"
    r"|asamblea|sesion|taller)\b"
)
_ENDS = re.compile(
    r",?\s(?:held|taking place|tenue?|celebrad[oa]|abgehalten|stattgefunden|started|begun)\b"
    r"|,?\s(?:on|am|vom|le|du|el|del(?: dia)?)\s(?=(?:\w+,? )?\d)|,?\s(?:on|this) (?=\w+day\b)"
    r"|\s[–—-]\s(?=\W*\d)|,\s(?=\d)"
)
_TALK = re.compile(
    r"\b(?:(?:to |and |we'll |we will |let's |we can |we could |we should |would like to |want to )"
    r"(?:talk (?:about|through)|discuss|go (?:over|through)|walk through|look at|review|catch up on"
    r"|do(?= the [\w ]*(?:review|demo|walk|check|planning|retro|workshop|visit|inspection"
    r"|training)))"
    r"|(?:reden|sprechen) (?:wir )?(?:(?:noch|kurz|dann) )?uber|(?:wegen|um|uber)(?= [^.,;?!]{4,60}"
    r" (?:zu (?:be)?sprechen|(?:be)?sprechen|zu reden|durchzugehen))|parler de|discuter d[eu]s?"
    r"|faire le point sur|revoir ensemble|hablar (?:de|sobre)|repasar|comentar"
    r"|(?:vernos|quedar|reunirnos) para"
    r"|(?:lade|laden|ladt) (?:[^.,;?!\s]+ ){0,4}?(?:zur|zum|zu (?:unserer|unserem|einem|einer|der"
    r"|dem))"
    r"|invite you (?:\w+ )?to (?:the|our|a|an)|(?:vous|t')(?: |)(?:invit|convi"
    r"|convoqu)\w* (?:\w+ )?(?:a la|a l'"
    r"|a une?|au|a notre)|(?:invito|invitamos|invita|convocamos|convoca) a (?:la|el|una?|nuestra?)"
    r"|(?:ringing|calling|writing|phoning|getting in touch|mailing) (?:you )?(?:about|regarding|re)"
    r"|(?:rufe|rief|melde mich|schreibe) (?:\w+ ){0,3}wegen|(?:appelle"
    r"|ecris) (?:\w+ ){0,2}(?:au sujet"
    r" d[eu]|a propos d[eu]|pour)|(?:llamo|llamaba|escribo) (?:\w+ )?(?:por|sobre|para))\s+(?=\S+)"
)
_TALK_ENDS = re.compile(
    r"[.?!;,](?=\s|$)|\n|\s[–—-]\s|\s(?:zu (?:be)?sprechen|besprechen|sprechen|zu reden"
    r"|durchzugehen)\b"
    r"|\s(?:tomorrow|today|on (?=\w+day)|at (?=\d)|this (?=\w+day|week|after|morn)|next (?=\w+day"
    r"|week)"
    r"|morgen\b|heute\b|am (?=\w+tag)|um (?=\d)|demain|(?:ce|le) (?=\w+di\b)|manana|el (?=\w+es\b))"
    r"|\s(?:ein(?=\W*$)|how about|before|vor|avant|antes|if|wenn|si|when)\b"
)


def paper(context: Context) -> Span | None:
    """What minutes, a recap or an invitation call the meeting in their first lines."""
    lines = list(islice(_lines(context), _FIRST))
    for number, (start, end) in enumerate(lines):
        told = context.folded[start:end]
        label = _LABELLED.match(told)
        if label is not None:
            return _cut(context, start + label.end(), end)
        if _ONLY.fullmatch(told):
            below = lines[number + 1] if number + 1 < len(lines) else None
            if below and _is_name(context, *below) and not _LABELLED.match(context.folded, *below):
                return _cut(context, *below)
            continue
        named = _NAMED.match(told)
        if named is not None:
            return _specific(context, _cut(context, start + named.end(), end), lines)
        gathers = _GATHERS.search(told)
        if gathers is None:
            continue
        if number and _is_name(context, start, end):
            return _cut(context, start, end)
        if _dated_behind(context, start + gathers.end(), end):
            return _cut(context, start, end)
    return None


def _lines(context: Context) -> Iterator[tuple[int, int]]:
    turns = [one.start for one in context.reading.messages if one.part == "turn"]
    end = min([1500, *turns])  # above a talk
    for found in re.finditer(r"[^\n]*\S[^\n]*", context.text[:end]):
        start, end = found.span()
        if context.rank(start) <= OTHERS and context.kind(start) in (
            SegmentKind.BODY,
            SegmentKind.FORM,
        ):
            yield start, end


def _specific(context: Context, found: Span | None, lines: list[tuple[int, int]]) -> Span | None:
    """What it was about, or who met, where it is only called a meeting."""
    if found is None or not _GENERIC.fullmatch(context.folded, found.start, found.end):
        return found
    sentence = context.sentence_at(found.start)
    about = _ABOUT.search(context.folded, found.end, sentence.end) if sentence else None
    if about is not None and sentence is not None:
        stop = re.compile(r"[.,;:!?(\n]").search(context.text, about.end(), sentence.end)
        return _cut(context, about.end(), stop.start() if stop else sentence.end)
    first = lines[0]
    if first[1] <= found.start and _BODY.search(context.folded, *first):
        return _cut(context, *first)
    return found


_BODY = re.compile(
    r"\b(?:council|committee|board|assembly|society|forum|conseil|comite|assemblee|consejo|asamblea"
    r"|vorstand|\w*rat|ausschuss|beirat|versammlung)\b"
)


def _dated_behind(context: Context, start: int, end: int) -> bool:
    """Whether a line goes on with a day: standup wed 18/11."""
    return any(
        start <= one.start <= start + 4 and one.end <= end
        for one in context.candidates.get(CandidateKind.DATE, ())
    )


def _is_name(context: Context, start: int, end: int) -> bool:
    """Whether a line could be a name: short, no sentence, no label with its value."""
    told = context.folded[start:end].strip()
    return (
        end - start <= _LONG
        and told[-1:] not in ".!?,;:"
        and not re.search(r"[.!?] ", told)
        and not re.match(r"(?:\S+ ){0,1}\S+:\s|[-*•\d]|.*\s{3,}|dear|hi|hallo|bonjour|hola", told)
    )


def _cut(context: Context, start: int, end: int) -> Span | None:
    """The name without the day, the place and what else follows."""
    days = [
        one.start
        for one in context.candidates.get(CandidateKind.DATE, ())
        if start + 4 < one.start < end
    ]
    end = min([end, *days])
    found = _ENDS.search(context.folded, start + 4, min(end + 1, len(context.folded)))
    end = min(end, found.start()) if found else end
    behind = re.compile(r"\s(?:on|am|vom|le|du|el|del|of|de)(?: \w+)?\s*$").search(
        context.folded, start, end
    )
    end = behind.start() if behind and days else end
    while start < end and context.text[start] in " -–—:|#*=_·":
        start += 1
    while end > start and context.text[end - 1] in " -–—:|,;(#*=_·":
        end -= 1
    return Span(start, end) if end - start > 3 else None


def talked_of(context: Context) -> Span | None:
    """What people say that they will talk about."""
    for sentence in context.said(most=OTHERS):
        fronted = _FRONTED.match(context.folded, sentence.start, sentence.end)
        if fronted is not None:
            return Span(*fronted.span("topic"))
        moved = _MOVES.search(context.folded, sentence.start, sentence.end)
        if moved is not None:
            return Span(*moved.span(moved.lastgroup or 0))
        found = _TALK.search(context.folded, sentence.start, sentence.end)
        if found is None:
            continue
        start = found.end()
        stop = _TALK_ENDS.search(context.folded, start + 4, sentence.end)
        end = stop.start() if stop else sentence.end
        told = context.folded[start:end].split()
        if 1 <= len(told) <= 14 and told[0] not in (
            "it",
            "that",
            "this",
            "das",
            "es",
            "ca",
            "cela",
            "eso",
        ):
            return Span(start, end)
    return None
