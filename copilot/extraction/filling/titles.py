"""What a text is about, in its own words: its subject, else the sentence that says it.

Invariant: a title is one stretch of the text, on one line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from copilot.extracted import FieldValue, NullReason
from copilot.extraction.candidates import CandidateKind
from copilot.extraction.filling.context import ASKER, OTHERS, Context, nothing
from copilot.extraction.filling.labels import labelled
from copilot.extraction.filling.sentences import Sentence
from copilot.extraction.reading import SegmentKind, Span
from copilot.schemas import FieldSpec

Weight = Callable[[Span | Sentence], float]

_PREFIX = re.compile(
    r"\s*(?:(?:re|fw|fwd|aw|wg|tr|rv|sv|vs|antw|rif|enc|res|ref)\s?(?:\[\d+\])?\s?:"
    r"|\[[^\]\n]{1,40}\]|\((?:ticket|case|fall)[^)\n]*\)"
    r"|(?:invitation|updated invitation|cancell?ed|canceled|accepted|declined|einladung|abgesagt"
    r"|aktualisiert|termin|invitacion|cancelado|annule|annulation|point incident|incident"
    r"|incidencia|storung|feature request|feature|idea|suggestion|wish|wunsch|vorschlag"
    r"|verbesserungsvorschlag|idee|souhait|demande d'evolution|sugerencia|peticion|meeting minutes"
    r"|minutes of meeting|besprechung|besprechungsprotokoll|sitzungsprotokoll|ergebnisprotokoll"
    r"|gesprachsnotiz|compte rendu|compte-rendu|cr|reunion|acta|meeting|call|anruf|appel|llamada"
    r"|neuer termin|terminverschiebung|minutes|protokoll|notes)\s?(?::|\s[–—-]\s))\s*",
    re.IGNORECASE,
)
_EMPTY_SUBJECT = re.compile(
    r"(?:(?:a |one |quick |small |little |kurze |eine |petite |une |una |dringende? |urgent[e]? "
    r"|my "
    r"|our |some |two |three |several |few |a few |a couple of |zwei |drei |mehrere |ein paar "
    r"|deux "
    r"|trois |plusieurs |quelques |dos |tres |varias |varios |unas |unos )*"
    r"(?:help|question|questions|problem|problems|issue|issues|urgent|support|request|requests|hi"
    r"|hello|hey|things|matters|topics|gripes|points|wishes|ideas|stuff|important|please help"
    r"|suggestions?|feature requests?|wish|wishes|hilfe|frage|fragen|problem|probleme|anfrage"
    r"|anliegen|dringend|hallo|wichtig|themen|punkte"
    r"|dinge|sachen|wunsche|verbesserungsvorschlag|vorschlag|wunsch|aide|demande|suggestions?"
    r"|demandes|probleme|problemes|bonjour|important|souci"
    r"|soucis|points|choses|sujets|idees|souhaits|ayuda|sugerencias?|peticion|consulta|consultas"
    r"|problema|problemas"
    r"|pregunta|preguntas|hola|importante|cosas|temas|puntos|ideas|deseos|no subject|kein betreff"
    r"|sans objet|sin asunto|none)\b[\s!?.:]*(?:(?:from|von|de|before|vor|avant|antes)\b.*)?)"
)
_ABOUT_A_CASE = re.compile(
    r"^(?:your|ihr|ihre|votre|su|tu) (?:ticket|case|request|inquiry|anfrage|fall|vorgang|demande"
    r"|solicitud|caso|consulta)\b|"
    r"\b(?:ticket|case|fall|vorgang|dossier|caso|anfrage|demande|solicitud|request)\b.{0,6}\d{3,}"
    r".{0,12}\b(?:closed|resolved|received|updated|clos\w*|ferme|resolu|geschlossen|erledigt|gelost"
    r"|eingegangen|cerrad\w*|resuelt\w*|recibid\w*)\b"
)
_ENUMERATED = re.compile(
    r"\s*(?:\(?(?:\d{1,2}|[a-z])[.)/]|[-*•·–→#]+|(?:first|second|third|1st|2nd|3rd|erstens|zweitens"
    r"|drittens|premierement|deuxiemement|d'abord|ensuite|primero|segundo|tercero|en primer lugar"
    r"|en segundo lugar|zum einen|zum anderen)(?: one| thing)?\s?[:,.]"
    r"|[*_]?[^*_\n]{1,30}[*_][:.]?)\s+"
)
_FILLER = re.compile(
    r"\s*(?:(?:so|um+|uh+|erm+|eh+|well|yeah|yes|hi|hello|hey|ok|okay|right|look|listen|anyway|and"
    r"|but|also|oh|moin|hallo|also|ja|naja|gut|ahm?|hm+|tja|und|alors|ben|bah|euh|donc|bonjour|oui"
    r"|voila|et|bueno|pues|mira|este|hola|si|eh|o sea|resulta que|es que|the thing is|the problem"
    r" is"
    r"|it's like this|gruezi|guten (?:tag|morgen)|good morning|morning|buen dia|buenos dias"
    r"|buenas(?: tardes)?|salut)\b[\s,.!…:-]*)+"
)
_JOINING = re.compile(r"\s*(?:(?:and|und|et|y|but|aber|mais|pero|so|because|denn)\s+)*")
_FORM_HEAD = re.compile(
    r"\W*(?:new |neue |nouve\w+ |nuev\w+ )?(?:message|request|lead|anfrage|nachricht|demande"
    r"|mensaje"
    r"|solicitud|live[ -]?chat|chat|call|anruf|appel|llamada|transcript|transcripcion|transkript"
    r"|recording|voicemail|mailbox|anrufbeantworter|messagerie|buzon|incident report|ticket"
    r"|sprachnachricht|voice|memo|diktat|telefonnotiz|notiz|auto-?transcri\\w*)\b"
)
_HEADED = (SegmentKind.BODY, SegmentKind.FORM, SegmentKind.GREETING)
_OPENING = re.compile(r"[^:,.;\n\d]{1,24}\s?:\s+(?=\S{2,} \S+ \S+)")
_DECLARED = re.compile(
    r"(?i:\bsev[ -]?\d|\bincident (?:opened|declared|new|created))\b[^\n\"“«:]{0,12}"
    r"(?::\s+|[\"“«]\s?)([^\n\"”».]{8,120}?)(?=[\"”».]|\s*$)",
    re.MULTILINE,
)
_DOCUMENT = re.compile(
    r"\W*(?:(?:meeting )?minutes of (?:the )?|notes (?:from|of|on) (?:the )?|(?:ergebnis"
    r"|besprechungs"
    r"|sitzungs|gesprachs)?protokoll (?:der |des |zum |zur |vom )?|mitschrift (?:der |des |zum "
    r"|zur )?"
    r"|(?:compte[ -]rendu|cr|notes) (?:de la |du |de l'|des |de )?|acta (?:de la |del |de )?"
    r"|notas (?:de la |del |de )?)(?=\S+ \S)"
)
_TELLING = 1.2
_PARTING = ",–—-|(·"
_LONG = 95
_LONG_TURN = 48
_VAGUE_LABELS = frozenset("title topic issue thema tema sujet motivo idea idee request".split())
_REPLY = re.compile(r"[^:\n]{2,8}:\s*(?:re|aw|antw|sv|rv|tr|res)\s?:")


@dataclass(frozen=True, slots=True)
class Ways:
    """How titles of a schema are found: ``incident``: one may be declared in a chat; ``headed``:"
    " the
    first line of a note is one, also above a form; ``wish``: what is wished for, not what was
    answered.
    """

    incident: bool = False
    headed: bool = False
    wish: bool = False


def title(context: Context, spec: FieldSpec, weight: Weight, *, ways: Ways = Ways()) -> FieldValue:
    """The title. ``weight`` tells how much a stretch says of an issue."""
    if not context.own:
        declared = _DECLARED.search(context.text) if ways.incident else None
        if declared is not None and context.rank(declared.start(1)) <= OTHERS:
            return context.value(declared.start(1), declared.end(1), confidence=0.85)
        for line in sorted(labelled(context, spec), key=lambda one: one.label in _VAGUE_LABELS):
            if context.rank(line.place.start) <= OTHERS:
                return context.value(line.value.start, line.value.end, confidence=0.9)
        subject = _subject(context)
        if subject is not None and not (ways.wish and _answered(context, subject, weight)):
            return context.value(subject.start, subject.end, confidence=0.9)
    headline = _heading(context, headed=ways.headed)
    if headline is not None:
        return context.value(headline.start, headline.end, confidence=0.7)
    best = _telling(context, weight)
    if best is None:
        return nothing(NullReason.NEEDS_MODEL)
    return context.value(best.start, best.end, confidence=0.6)


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
    while (found := _PREFIX.match(context.folded, start, end)) and found.end() > start:
        start = found.end()
    while end > start and context.text[end - 1].isspace():
        end -= 1
    told = context.folded[start:end]
    if sum(char.isalpha() for char in told) < 3 or _EMPTY_SUBJECT.fullmatch(told):
        return None
    return None if _ABOUT_A_CASE.search(told) else Span(start, end)


def _answered(context: Context, subject: Span, weight: Weight) -> bool:
    """Whether a subject is that of what is answered, and the answer wishes for something else."""
    if not _REPLY.match(context.folded, context.folded.rfind("\n", 0, subject.start) + 1):
        return False
    about = set(re.findall(r"[^\W\d_]{5,}", context.folded[subject.start : subject.end]))
    for sentence in context.said(most=ASKER):
        told = set(re.findall(r"[^\W\d_]{5,}", context.folded[sentence.start : sentence.end]))
        if weight(sentence) >= _TELLING and told.isdisjoint(about):
            return True
    return False


def _heading(context: Context, *, headed: bool) -> Span | None:
    """The first line of a note or of a record's own part, if it stands alone and is no sentence."""
    form = len(context.forms) > 2 and not headed
    if not context.own and (context.lead.sender_name or context.in_turns or form):
        return None
    span = context.own[0] if context.own else Span(0, len(context.text))
    for number, (start, end) in enumerate(_lines(context, span)):
        if number > (0 if context.own else 2):
            return None
        if context.rank(start) > OTHERS or context.kind(start) not in _HEADED:
            continue
        first = _without(context, start, end)
        document = _DOCUMENT.match(context.folded, first, end)
        first = document.end() if document else first
        bare = bare_subject(context, Span(first, end))
        if bare is None:
            continue
        bare = _dateless(context, bare)
        told = context.folded[bare.start : bare.end]
        if _is_heading(told) and (not context.own or _stands_alone(context, end, span)):
            return bare
    return None


def _dateless(context: Context, span: Span) -> Span:
    """A heading without the day and what follows behind it."""
    for one in context.candidates.get(CandidateKind.DATE, ()):
        if span.start + 8 < one.start < span.end:
            told = context.text[span.start : one.start].rstrip(" ")
            if told[-1:] in _PARTING:
                return Span(span.start, span.start + len(told.rstrip(" " + _PARTING)))
    return span


def _is_heading(told: str) -> bool:
    return (
        2 <= len(told.split()) <= 14
        and told[-1] not in ".,;:!>"
        and not re.search(r" > |\|", told)
        and not re.match(r"[^:]{1,25}:\s", told)
        and not _FORM_HEAD.match(told)
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
    found = _ENUMERATED.match(context.folded, start, end)
    return found.end() if found else start


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
        if context.own and _ENUMERATED.match(context.folded, sentence.start, sentence.end):
            return clause(context, span, weight)
        first = first or span
        heavy = weight(span)
        if heavy >= _TELLING and context.rank(span.start) == ASKER:
            return clause(context, span, weight)
        score = heavy - 0.08 * min(number, 20) - (0.6 if context.rank(span.start) else 0.0)
        if heavy > 0 and (best is None or score > best[0]):
            best = score, span
    if best is not None:
        return clause(context, best[1], weight)
    return clause(context, first, weight) if first is not None else None


def _is_label(context: Context, sentence: Sentence) -> bool:
    """Whether it asks for what stands below it, or is said by the team's own."""
    message = context.reading.messages[sentence.segment.message]
    if message.own and message.part == "turn":
        return True
    if sentence.ordinal == 0 and _FORM_HEAD.match(context.folded, sentence.start):
        return True
    told = context.text[sentence.start : sentence.end]
    return (
        len(context.forms) > 2
        and told.endswith(("?", ":"))
        and len(told.split()) < 7
        and context.text[sentence.end : sentence.end + 1] == "\n"
    )


def trimmed(context: Context, sentence: Sentence) -> Span:
    """A sentence without list mark, filler words, and the stop at its end."""
    start, end = _without(context, sentence.start, sentence.end), sentence.end
    filler = _FILLER.match(context.folded, start, end)
    if filler and end - filler.end() > 12:
        start = filler.end()
    opening = _OPENING.match(context.folded, start, end)
    start = opening.end() if opening else start
    while end > start and (context.text[end - 1].isspace() or context.text[end - 1] in ".,;:"):
        end -= 1
    return Span(start, end)


def clause(context: Context, span: Span, weight: Weight) -> Span:
    """Of a long sentence the clause that says most; of one over several lines none is cut."""
    if span.end - span.start <= (_LONG_TURN if context.in_turns else _LONG):
        return span
    parts = [
        Span(span.start + found.start(), span.start + found.end())
        for found in re.finditer(
            r"(?:[^,;:–—(]|(?<=\d)[,:](?=\d))+", context.text[span.start : span.end]
        )
        if len(found[0].split()) >= 3
    ]
    if not parts:
        return span
    best = max(parts, key=lambda one: (weight(one), -one.start))
    if weight(best) <= 0:
        best = parts[0]
    start, end = best.start, best.end
    filler = _JOINING.match(context.folded, start, end)
    start = filler.end() if filler else start
    while end > start and (context.text[end - 1].isspace() or context.text[end - 1] in ".,;:"):
        end -= 1
    return Span(start, end)
