"""Finds the stretches of a text that speak to whoever reads it by machine.

Invariant: such a stretch states nothing; it is left out before anything is read, and nothing else
changes by its being there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from copilot.extraction.filling.sentences import paragraphs
from copilot.extraction.reading import Segment, SegmentKind, Span

_PROGRAM = (
    r"(?:computers?|machines?|bots?|robots?|program\w*|software|maschine\w*|ordenador|ordinateur"
    r"|logiciel|maquina|automat\w*|ai|ia|ki)"
)
_READS = (
    r"(?:reads?|parses?|process\w*|lit|lis|lisez|traite|lee|lea|lees|procesa|liest|verarbeitet)"
)
_MACHINE = re.compile(
    r"\b(?:(?:automated |virtual |digital |ai |ki-|language )?assistants?\b(?! manager| director)"
    r"|automated (?:system|reader|process\w*|note)s?|large language models?|language models?|llms?"
    r"|ai(?: agents?| models?| systems?)?|gpt|copilot|extractors?|parsers?|machine readers?"
    r"|texterkennung|ki|sprachmodelle?\w*|automatische\w* (?:verarbeitung|auswertung|erfassung"
    r"|leser)"
    r"|ia|modeles? de langage|lecteurs? automatiques?|traitement automatique|robots?"
    r"|assistants? (?:automatique|virtuel)s?|agents? automatiques?|lectores? automaticos?"
    r"|modelos? de lenguaje|asistentes?(?: automaticos?| virtuale?s?)?|procesamiento automatico"
    r"|sistemas? automaticos?|systemes? automatiques?|system (?:prompt|message|note|instruction)s?"
    r"|(?P<sure>(?:if|should|si|falls|wenn|sollte) [^.\n]{0,30}\b"
    rf"(?:{_READS}\W+(?:\w+\W+){{0,2}}{_PROGRAM}|{_PROGRAM}\W+(?:\w+\W+){{0,3}}{_READS})"
    r"|whoever reads this by machine"
    rf"|(?:read|gelesen|lu|leido) (?:by|von|par|por) (?:\w+ )?{_PROGRAM}))(?!\w)"
    r"|(?:^|(?<=[\n\"'\[(>#*]))[ \t>\"'\[(#*]*"
    r"(?P<head>system|systeme|sistema|instructions?|admin)\s*:",
    re.MULTILINE,
)
# whether the machine is spoken to, and isn't just what the text is about
_SPOKEN_TO = re.compile(
    r"(?:\b(?:note|notice|hint|hinweis|nota|avis|message|mensaje|nachricht|instructions?"
    r"|anweisung\w*|consignes?|instruccion\w*|attention|achtung|atencion)\W+(?:\w+\W+){0,4}"
    r"|(?:^|[.!?:;(\[\n\"*#>-][ \t]*)(?:(?:to|for|an|fur|pour|para|aux?|a|al|dear|hey|hi|hello"
    r"|hallo|bonjour|hola|all|any|alle|if|should|si|falls|wenn|sollte|you|as|als|liebe\w*|cher\w*"
    r"|estimad\w*)\W+(?:\w+\W+){0,4})?)$"
)
_SPEAKS_ON = re.compile(
    r"\W{0,2}(?:[:,]|reading\b|processing\b|(?:that|which|who) (?:reads?|process\w*)\b|parsing\b"
    r"|(?:must|should|shall|muss|mussen|sollen?|doit|doivent|debe[n]?|tiene[n]? que) "
    r"|(?:que|qui|die|der|das) (?:lee|lit|lis\w*|liest|lesen|lea\w*|process\w*)\b)"
)
_ORDER = re.compile(
    r"\b(?:set|add|append|include|hinzufugen|fuge|ajoute[rz]?|anad\w*|agreg\w*|record|register|write|mark|classify|treat|list|ignore|disregard|forward|fill|change"
    r"|overwrite|replace|assign|raise|enter|log|file|must|delete|output|use|approve|close|report"
    r"|setzen?|setze|eintragen|trage|tragen|verwerfen|verwirf|ignoriere\w*|markiere\w*|vermerken?"
    r"|erfassen?|andern|andere|uberschreiben?|senden?|einstufen|stufe|weiterleiten"
    r"|mets|mettez|mettre|enregistrez?|enregistrer|indiquez?|indiquer|notez|noter|classez|classer"
    r"|ignorez|ignorer|marquez|remplacez|saisir|saisissez|transferez|considerez|attribuez"
    r"|pon|ponga|poner|registre|registra|registrar|anote|anota|anotar|marque|marca|marcar"
    r"|clasifique"
    r"|clasifica|clasificar|ignore|ignora|ignorar|cambie|cambia|asigne|asigna|escriba|envie|reenvie"
    r"|fije|fija|indique|rellene)\b"
)
_OVERRIDE = re.compile(
    r"\b(?:ignore|disregard|forget|override|ignoriere\w*|vergiss|vergessen sie|oublie[rz]?"
    r"|ignore[rz]|ignor[ae]|olvid[ae]\w*)\b[^.\n]{0,40}\b(?:previous|prior|above|earlier"
    r"|instructions?"
    r"|rules|anweisung\w*|vorgaben|angaben|consignes|instrucciones|reglas|indicaciones)\b"
    r"|\b(?:set|setze?n?|put|mark|mets|mettez|pon|ponga|fije)\b[^.\n]{0,20}"
    r"\b(?:severity|priority|category|status|stage|company|requester|amount|dringlichkeit"
    r"|schweregrad|prioritat|kategorie|gravite|priorite|categorie|gravedad|prioridad|categoria)\b"
    r"[^.\n]{0,10}(?:=|\b(?:to|as|auf|a|en|como)\b)"
)
_REACH = 220
_LINE = re.compile(r"[^\n]+")
_STOP = re.compile(r"[.!?][\"')\]]*\s+|\n(?=[ \t]*[\"'(\[*#>-])")


def addressed(folded: str, segments: tuple[Segment, ...]) -> Iterator[Span]:
    """What tells a machine what to write, to the end of its paragraph or, in a form, its line.

    ``folded``: the text, folded.
    """
    if not _MACHINE.search(folded) and not _OVERRIDE.search(folded):
        return
    for segment in segments:
        if segment.kind in (SegmentKind.HEADERS, SegmentKind.ATTRIBUTION):
            continue
        for start, end in _units(folded, segment):
            at = _order_at(folded, start, end)
            if at is not None:
                yield Span(_sentence_start(folded, start, at), end)


def _units(folded: str, segment: Segment) -> Iterator[tuple[int, int]]:
    if segment.kind is not SegmentKind.FORM:
        yield from paragraphs(folded, segment.start, segment.end)
        return
    for line in _LINE.finditer(folded, segment.start, segment.end):
        yield line.start(), line.end()


def _order_at(folded: str, start: int, end: int) -> int | None:
    """Where the first order to a machine begins."""
    override = _OVERRIDE.search(folded, start, end)
    places = [override.start()] if override else []
    for machine in _MACHINE.finditer(folded, start, end):
        if not _is_spoken_to(folded, start, machine):
            continue
        if _ORDER.search(folded, machine.end(), min(end, machine.end() + _REACH)):
            places.append(machine.start())
            break
    return min(places, default=None)


def _is_spoken_to(folded: str, start: int, machine: re.Match[str]) -> bool:
    if machine["sure"] or machine["head"]:
        return True
    before = folded[max(start, machine.start() - 60) : machine.start()]
    return bool(_SPOKEN_TO.search(before) or _SPEAKS_ON.match(folded, machine.end()))


def _sentence_start(folded: str, start: int, at: int) -> int:
    stops = list(_STOP.finditer(folded, start, at))
    return stops[-1].end() if stops else start
