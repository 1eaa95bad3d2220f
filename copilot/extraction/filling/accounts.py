"""What an account of an incident says of its cause and of whom it hit, where no word announces it.

Invariant: a value is one stretch of one sentence; a cause that is said to be unknown is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from copilot.extracted import FieldValue
from copilot.extraction.candidates import CandidateKind
from copilot.extraction.filling import prose
from copilot.extraction.filling.context import OWN, Context, nothing
from copilot.extraction.filling.labels import labelled
from copilot.extraction.filling.sentences import Sentence
from copilot.extraction.reading import SegmentKind, Span
from copilot.schemas import FieldRole, FieldSpec

_SURE = 0.75  # what a label or a heading announces
_RUN_IN = {
    FieldRole.CAUSE: re.compile(
        r"(?:what (?:had |has )?(?:happened|went wrong|caused (?:it|this))|(?:the )?(?:root )?cause"
        r"|(?:why|how) (?:it|this) (?:had )?happened|was (?:ist |war )?(?:passiert"
        r"|geschehen)(?: ist)?"
        r"|(?:die )?ursache|wie es dazu kam|(?:ce qui|que) s'est(?:-il)? passe|(?:la )?cause"
        r"|(?:l')?origine|(?:lo )?que (?:ha )?pas(?:o|ado)|(?:la )?causa(?: raiz)?)\W*$"
    ),
    FieldRole.IMPACT: re.compile(
        r"(?:what (?:(?:our |the )?(?:users?|customers?|clients?|people|staff|guests?) (?:saw"
        r"|noticed"
        r"|felt)|it meant|was affected|the impact was)|who was (?:affected|hit)|(?:the )?impact"
        r"|(?:wer|was) (?:war )?betroffen(?: war)?|auswirkung(?:en)?|folgen"
        r"|was (?:die |unsere )?(?:nutzer|kunden) (?:gemerkt|bemerkt|gesehen) haben"
        r"|qui (?:a ete|etait) touche|consequences?|a quien afecto|(?:el )?impacto"
        r"|consecuencias?)\W*$"
    ),
}
_CAUSE = re.compile(r"\b(?:cause|ursache|causa|origine?n?)\b")
_WHERE_LABELS = frozenset("scope umfang reach perimetre alcance ausmass etendue extent".split())
_WRITES = re.compile(
    r"[^.;]{0,30}\b(?:called|phoned|reported|wrote|complained|started to write|tell|told|ecri\w*"
    r"|appel\w*"
    r"|signal\w*|meld\w*|rief\w*|schrieb\w*|beschwer\w*|llam\w*|avis\w*|escrib\w*|quej\w*)\b"
)
_FOUND_IT = re.compile(
    r"(?:(?:ok|so|and|yes|right|ja|oui|si),? )?(?:found it|found the (?:cause|problem|culprit)"
    r"|hab's|habs|ich hab's|gefunden|trouve|j'ai trouve|lo encontre|encontrado|visto|ya lo"
    r" tengo)\W*$"
)
_WRONG = re.compile(
    r"\b(?:not|never|no|without|missing|expired|full|wrong|dropped|broken|removed|deleted|changed"
    r"|twice|too|old|lost|nicht|kein\w*|ohne|fehl\w*|abgelaufen|voll|falsch\w*|geloscht|zu|doppelt"
    r"|pas|plus|sans|manqu\w*|expire\w*|plein\w*|supprime\w*|mauvais\w*|sin|falta\w*|caduc\w*"
    r"|llen[oa]|borr\w*|mal|dos veces)\b|n't\b|\bun\w+ed\b"
)
_UNKNOWN = re.compile(
    r"\b(?:not (?:yet )?(?:known|clear|found)|unknown|unclear|under investigation|tbd|to be"
    r" (?:confirmed|determined)|being investigated|(?:noch )?(?:nicht bekannt|unbekannt|unklar"
    r"|offen)"
    r"|wird (?:noch )?(?:geprueft|gepruft|untersucht)|pas (?:encore )?(?:connue?|identifiee?)"
    r"|inconnue?"
    r"|en cours d(?:e recherche|'analyse)|no (?:se )?(?:conoce|sabe)\w*|desconocid[ao]"
    r"|(?:por|sin) determinar|en investigacion)\b"
)
_IDENTIFIED = re.compile(
    r"^[ \t#*>\[]*identified[\]*]*[ \t]*(?:$|[-–—:·|])[^\n]{0,40}?(?:\n|(?<=[-–—:] ))", re.MULTILINE
)
_NO_CAUSE = re.compile(
    r"\b(?:(?:has|have) been identified|we(?:'ve| have) identified|fix is being|identified the)\b"
)
_UNITS = (
    r"(?:min\w*|hours?|days?|sec\w*|weeks?|months?|years?|times|percent|requests?|tickets?|calls?"
    r"|mails?|errors?|alerts?|attempts?|retries|versions?|replicas?|nodes?|pods?|servers?|disks?"
    r"|stunden?|tagen?|wochen?|jahren?|monaten?|uhr|fehler\w*|meldungen|anrufe?|versuche?|mal"
    r"|prozent"
    r"|euros?|heures?|jours?|semaines?|mois|ans?|fois|erreurs?|appels?|alertes?|horas?|dias?"
    r"|semanas?"
    r"|meses|anos?|veces|errores|llamadas?|avisos?|utc|gmt|am|pm|january|february|march|april|may"
    r"|june|july|august|september|october|november|december|januar|februar|marz|mai|juni|juli"
    r"|oktober|dezember|janvier|fevrier|mars|avril|juin|juillet|aout|septembre|octobre|novembre"
    r"|decembre|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre"
    r"|diciembre|de|h|gb|mb|kb|ms|of|and|to|und|bis|et|y|in|on|for|the)\b"
)
_COUNTED = re.compile(
    r"(?<![\w.,:/#-])(?:(?:only|some|about|around|roughly|nearly|almost|over|more than|up to|rund"
    r"|etwa|knapp|mehr als|uber|bis zu|alle?|l'ensemble des|environ|pres de|plus de|les|tous les"
    r"|toutes les|unos|unas|casi|mas de|los|las|todos los|todas las|all|the|die|der|sus|our)\s)*"
    rf"\d{{1,3}}(?:[.,’' ]?\d{{3}})*\+?\s(?!{_UNITS})[^\W\d_]{{3,}}"
)
_HIT = re.compile(
    r"\b(?:affect\w*|lost|lose|without|down|offline|unable|nothing|only|impacted|hit|locked out"
    r"|disconnected|missing|betroffen\w*|ohne|ausgefallen|offline|nur|keine?n?|touche\w*|aucune?s?"
    r"|sans|prive\w*|plus|pas|seuls?|uniquement|afecta\w*|sin|ningun\w*|solo|no)\b|n't\b"
    r"|\bnot\b|\bcannot\b|\bnicht\b"
)
_WHO = re.compile(
    r"(?<!\w)(?:(?:some|all|many|most|our|einige|alle|viele|unsere|certains|tous les|plusieurs|les"
    r"|algunos|todos los|muchos|los|nuestros) )?(?:customers|users|clients|people|visitors"
    r"|merchants"
    r"|tenants|students|patients|staff|guests|drivers|players|members|kunden|nutzer\w*|benutzer\w*"
    r"|anwender\w*|mitarbeit\w+|schuler\w*|patient\w*|gaste|utilisateurs|eleves|usagers|salaries"
    r"|clientes|usuarios|pacientes|alumnos|empleados)"
    r"(?: (?:in|on|with|of|from|at|using|who|whose|mit|aus|im|von|de|des|du|avec|en|del|con)"
    r" (?:[^\s,.;]+ ){1,5}?| )(?:may|might|can't|cannot|could not|couldn't|were unable|are unable"
    r"|see"
    r"|saw|get|got|experienc\w+|lost|lose|konnen|konnten|bekommen|bekamen|sehen|sahen|ne peuvent"
    r"|ne pouvaient|ne pouvait|n'ont pas|n'arrivent|no pueden|no podian|no pudieron|ven|reciben)\b"
)
_OF = re.compile(r"(?:[^\W\d_]+ ){1,5}(?:of|von|de|des|der) $")
_ONLY = re.compile(
    r"\b(?:only|just|nur|seulement|uniquement|solo|solamente) (?:[^\W_]+ ){1,5}"
    r"(?:with|mit|avec|con|of|in|von|de) (?:(?:more|less|fewer) than |mehr als |plus de |mas de )?$"
)
_UNSURE = re.compile(
    r",?\s(?:afaict|afaik|apparently|i think|it seems|as far as .*|glaub(?:e)? ich|soweit .*"
    r"|anscheinend|je crois|apparemment|creo|al parecer|parece)\W*$"
)
_WHERE = re.compile(
    r"^[ \t>*•-]*(?:wo|where|ou|donde|umfang|scope|reach|perimetre|alcance|ausmass|etendue|extent)"
    r"\*{0,2}\s?:\*{0,2}\s+(?=\S+ \S)",
    re.MULTILINE,
)
_THEN = re.compile(
    r", (?:and )?(?:from then on|as a result|so that|whereupon|after which|which)\b|, (?:and so"
    r"|so)\b"
    r"|, (?=\W)"
)


def cause(context: Context, spec: FieldSpec) -> FieldValue:
    """What caused it."""
    named = [line for line in context.forms if _CAUSE.search(line.label)]
    if any(
        _UNKNOWN.search(_said(context, line.value)) for line in (*named, *labelled(context, spec))
    ):
        return nothing()
    for span in (
        _under_run_in(context, FieldRole.CAUSE),
        _after_found(context),
        _identified(context),
    ):
        if span is not None:
            return context.value(span.start, span.end, confidence=0.75)
    told = prose.say(context, spec)
    unknown = told.evidence is not None and _UNKNOWN.search(
        context.folded, told.evidence.start, min(told.evidence.end, told.evidence.start + 40)
    )
    return nothing() if unknown else told


def impact(context: Context, spec: FieldSpec) -> FieldValue:
    """Who or what was hit."""
    told = prose.say(context, spec)
    if told.evidence is not None and told.confidence >= _SURE:
        return told
    span = _under_run_in(context, FieldRole.IMPACT)
    if told.evidence is not None and _WRITES.match(
        context.folded, told.evidence.start + 8, told.evidence.end + 30
    ):
        told = nothing()  # whom it hit said so
    if span is None and told.evidence is not None:
        at = told.evidence
        start, end = _widened(context, at.start), _without_doubt(context, at.start, at.end)
        if (start, end) == (at.start, at.end):
            return told
        span = Span(start, end)
    span = span or _where(context) or _counted(context) or _of_people(context)
    return told if span is None else context.value(span.start, span.end, confidence=0.75)


def _said(context: Context, span: Span) -> str:
    return context.folded[span.start : span.end]


def _own_sentences(context: Context) -> Iterator[Sentence]:
    for sentence in context.said(most=OWN):
        if sentence.segment.kind is SegmentKind.BODY and context.is_own(sentence.start):
            yield sentence


def _under_run_in(context: Context, role: FieldRole) -> Span | None:
    """The sentence behind a short one that begins a paragraph and is its heading."""
    headed = False
    for sentence in _own_sentences(context):
        told = context.folded[sentence.start : sentence.end]
        if headed:
            return _stretch(context, sentence, role)
        alone = not context.text[max(0, sentence.start - 2) : sentence.start].strip()
        headed = alone and len(told) < 60 and bool(_RUN_IN[role].match(told))
    return None


def _stretch(context: Context, sentence: Sentence, role: FieldRole) -> Span | None:
    start, end = sentence.start, sentence.end
    if role is FieldRole.IMPACT:
        found = _COUNTED.search(context.folded, start, end)
        start = _widened(context, found.start()) if found else start
        comma = context.text.find(", ", start, end)
        end = comma if comma > 0 and len(context.text[start:comma].split()) > 2 else end
    else:
        start = _behind_when(context, start)
        then = _THEN.search(context.folded, start + 12, end)
        end = then.start() if then else end
    return _trimmed(context, start, end)


def _behind_when(context: Context, start: int) -> int:
    """Where a sentence goes on behind the time with which it begins."""
    for kind in (CandidateKind.DATE_TIME, CandidateKind.TIME, CandidateKind.DATE):
        for one in context.candidates.get(kind, ()):
            if start <= one.start <= start + 14:
                return one.end
    return start


def _trimmed(context: Context, start: int, end: int) -> Span | None:
    while start < end and context.text[start] in " ,:;–—-\n":
        start += 1
    while end > start and context.text[end - 1] in " ,:;.!\n":
        end -= 1
    return Span(start, end) if len(context.text[start:end].split()) > 2 else None


def _after_found(context: Context) -> Span | None:
    """What somebody says was wrong, right after that they found it."""
    found: Sentence | None = None
    first: Sentence | None = None
    for sentence in _own_sentences(context):
        if found is None:
            if _FOUND_IT.match(context.folded[sentence.start : sentence.end]):
                found = sentence
            continue
        if sentence.segment.message != found.segment.message:
            break
        first = first or sentence
        if _WRONG.search(context.folded, sentence.start, sentence.end):
            return _stretch(context, sentence, FieldRole.CAUSE)
    return _stretch(context, first, FieldRole.CAUSE) if first is not None else None


def _identified(context: Context) -> Span | None:
    """What a status page says under the heading that the cause was identified."""
    for found in _IDENTIFIED.finditer(context.folded):
        sentence = context.sentence_at(found.end())
        if sentence is None or context.rank(found.end()) > OWN:
            continue
        end = sentence.end
        stop = re.compile(r"[.!?](?=\s|$)").search(context.text, found.end() + 8, end)
        end = stop.start() if stop else end
        if not _NO_CAUSE.search(context.folded, found.end(), end):
            return _trimmed(context, found.end(), end)
    return None


def _where(context: Context) -> Span | None:
    for line in context.forms:
        if line.label in _WHERE_LABELS and context.rank(line.place.start) <= OWN:
            end = prose.stop(context, line.value.start, line.value.end)
            return _trimmed(context, line.value.start, end)
    for found in _WHERE.finditer(context.folded):
        if context.rank(found.end()) <= OWN:
            end = context.text.find("\n", found.end())
            end = prose.stop(context, found.end(), end if end > 0 else len(context.text))
            return _trimmed(context, found.end(), end)
    return None


def _counted(context: Context) -> Span | None:
    """A number of things or people, in a sentence that says that they were hit."""
    for sentence in _own_sentences(context):
        found = _COUNTED.search(context.folded, sentence.start, sentence.end)
        if found is None or not _HIT.search(context.folded, sentence.start, sentence.end):
            continue
        start = _widened(context, found.start())
        end = prose.stop(context, start, sentence.end)
        comma = context.text.find(", ", found.end(), end)
        end = _without_doubt(context, start, comma if comma > 0 else end)
        span = _trimmed(context, start, end)
        if span is not None:
            return span
    return None


def _of_people(context: Context) -> Span | None:
    """People of whom it is said what they see or can't do."""
    for sentence in _own_sentences(context):
        found = _WHO.search(context.folded, sentence.start, sentence.end)
        if found is not None:
            end = prose.stop(context, found.start(), sentence.end)
            since = _SINCE.search(context.folded, found.end(), end)
            return _trimmed(context, found.start(), since.start() if since else end)
    return None


_SINCE = re.compile(r",? (?:since|seit|depuis|desde|between|zwischen|entre|from \d|until|bis)\b|, ")


def _widened(context: Context, start: int) -> int:
    """Where the words begin that a number belongs to: records of about 11,000 domains."""
    sentence = context.sentence_at(start)
    if sentence is None:
        return start
    only = _ONLY.search(context.folded, sentence.start, start)
    if only is not None:
        return only.start()
    line = max(sentence.start, context.text.rfind("\n", 0, start) + 1)
    return line if _OF.fullmatch(context.folded, line, start) else start


def _without_doubt(context: Context, start: int, end: int) -> int:
    found = _UNSURE.search(context.folded, start, end)
    return found.start() if found else end
