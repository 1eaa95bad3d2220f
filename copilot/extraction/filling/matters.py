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
    r"|termin(?:einladung)?)"
)
_OF = (
    r"(?:\s?(?:-|–|—|:|\|)\s+|\s(?:of|from|on|for|to|zu[mr]?|der|des|die|uber|vom|de la|de l'|du"
    r"|des"
    r"|de|del|sobre)\s(?:the |our |la |le |der |die )?)"
)
_NAMED = re.compile(rf"\W*{_SORT}{_OF}(?=\S+)")
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
    r"|(?:vernos|quedar|reunirnos) para)\s+(?=\S+)"
)
_TALK_ENDS = re.compile(
    r"[.?!;,](?=\s|$)|\n|\s[–—-]\s|\s(?:zu (?:be)?sprechen|besprechen|sprechen|zu reden"
    r"|durchzugehen)\b"
    r"|\s(?:tomorrow|today|on (?=\w+day)|at (?=\d)|this (?=\w+day|week|after|morn)|next (?=\w+day"
    r"|week)"
    r"|morgen\b|heute\b|am (?=\w+tag)|um (?=\d)|demain|(?:ce|le) (?=\w+di\b)|manana|el (?=\w+es\b))"
    r"|\s(?:how about|before|vor|avant|antes|if|wenn|si|when)\b"
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
            return _cut(context, start + named.end(), end)
        gathers = _GATHERS.search(told)
        if gathers is None:
            continue
        if number and _is_name(context, start, end):
            return _cut(context, start, end)
        if _dated_behind(context, start + gathers.end(), end):
            return _cut(context, start, end)
    return None


def _lines(context: Context) -> Iterator[tuple[int, int]]:
    for found in re.finditer(r"[^\n]*\S[^\n]*", context.text[:1500]):
        start, end = found.span()
        if context.rank(start) <= OTHERS and context.kind(start) in (
            SegmentKind.BODY,
            SegmentKind.FORM,
        ):
            yield start, end


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
    while start < end and context.text[start] in " -–—:|#*=_":
        start += 1
    while end > start and context.text[end - 1] in " -–—:|,;(#*=_":
        end -= 1
    return Span(start, end) if end - start > 3 else None


def talked_of(context: Context) -> Span | None:
    """What people say that they will talk about."""
    for sentence in context.said(most=OTHERS):
        fronted = _FRONTED.match(context.folded, sentence.start, sentence.end)
        if fronted is not None:
            return Span(*fronted.span("topic"))
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
