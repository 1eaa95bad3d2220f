"""Numbers with the noun that they count, and percentages.

Invariant: a number without a noun or a label that names it is none; ``unit`` is the noun as it
stands in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from copilot.extraction.candidates import Candidate, CandidateKind
from copilot.extraction.finding.labels import form_label, words_before
from copilot.extraction.finding.number_words import spoken_numbers
from copilot.extraction.finding.numerals import NUMBER, PLAIN, WORDS, number, times
from copilot.extraction.finding.sheet import Sheet
from copilot.extraction.finding.taken import Taken

_WORD = "|".join(sorted((w for w in WORDS if len(w) > 2 and w != "cent"), key=len, reverse=True))
_PERCENT = re.compile(
    r"(?<![\w.,])(?P<number>[0-9]{1,3}(?:[.,][0-9]{1,3})?)(?: ?(?:-|to|bis"
    r"|a) ?(?P<to>[0-9]{1,3}))? ?"
    r"(?:%|percent\b|per cent\b|prozent\b|pour cent\b|pourcents?\b|por ciento\b|pct\b)"
)
_SPOKEN = re.compile(rf"\b(?P<number>{_WORD}) (?:percent|per cent|prozent|pour cent|por ciento)\b")
_ODDS = re.compile(
    rf"(?<![\w.,/])(?P<part>[0-9]{{1,2}}|{_WORD}) (?:out of|in|von|sur|de cada|chances? (?:in"
    rf"|out of))"
    rf" (?P<whole>10|100|ten|zehn|dix|diez|hundred|cent|cien|hundert)\b|(?<![\w/.])(?P<even>50/50"
    rf"|50:50|fifty-fifty)(?![\w/])"
)
_COUNTED = re.compile(
    rf"(?<![\w.,/:$€£#+@=\-])(?P<number>{NUMBER}|{PLAIN}|(?:{_WORD})\b)(?P<multiple> ?(?:k|tsd\.?"
    rf"|mio\.?)(?=[ -]))?"
    r"(?:ish|-odd|\+)?[ \-](?P<noun>(?:of us|of them|von uns|d'entre nous|de nosotros)\b"
    r"|(?:[a-z]{2,20}[ \-]){0,2}?(?P<head>@HEADS@)\b"
    r"|[^\W\d_][\w\-]{2,30})"
)
_PERCENT_WORD = re.compile(r"percent|prozent|(?<=r )cent|ciento")
_ODDS_WORD = re.compile(
    r" (?:out of|in|von|sur|de cada) (?:10|ten|zehn|dix|diez|hundred|cent|cien|hundert)\b|50.50"
    r"|fifty.fifty"
)
_HEADS = (
    "users?|seats?|licen[cs]es?|people|persons?|employees|staff|agents?|members|customers?"
    "|clients?|sites?"
    "|warehouses?|whs|depots?|vans?|trucks?|drivers?|devices?|tablets?|scanners?|stores?|shops?"
    "|outlets?"
    "|branches|locations|accounts?|tenants?|colleagues|buyers|dispatchers|workstations?|terminals?"
    "|desks"
    "|nutzer(?:n|innen)?|benutzer(?:n|innen)?|anwender(?:n|innen)?|lizenz(?:en)?|platze?n?"
    "|arbeitsplatze?n?"
    "|mitarbeiter(?:n|innen)?|personen|leute|kollegen|kunden|standorten?|filialen|lagern?|fahrern?"
    "|gerate?n?|lkws?|anwendern?|kolleginnen|betriebe"
    "|utilisateurs?|utilisatrices|postes?|personnes?|collaborateurs?|salaries|clients|chauffeurs"
    "|entrepots|agences|magasins|collegues|camions|appareils|sieges"
    "|usuarios?|usuarias|puestos?|personas?|empleados|licencias?|clientes|almacenes|tiendas|sedes"
    "|conductores|repartidores|furgonetas|camiones|dispositivos|companeros|oficinas|delegaciones"
)
_COUNTED = re.compile(_COUNTED.pattern.replace("@HEADS@", _HEADS))
_NOUN_AFTER = re.compile(rf"[ \-](?P<noun>(?:[a-z]{{2,20}}[ \-]){{0,2}}?(?:{_HEADS})\b)")
_NO_NOUN = frozenset(
    "the and und oder or for from with mit von auf bis der die das den dem ein eine les des une "
    "pour "
    "par que del los las una uno por para con que its his her our your their this that than then "
    "january february march april may june july august september october november december januar "
    "februar marz juni juli oktober dezember janvier fevrier mars avril mai juin juillet aout "
    "septembre "
    "octobre novembre decembre enero febrero marzo abril mayo junio julio agosto septiembre "
    "octubre "
    "noviembre diciembre uhr heures eur euro euros usd gbp chf percent prozent ist sind war est "
    "sont was "
    "are were has had wird who which when where if but not all any into onto over under about "
    "after "
    "before since until till past pour cent mal fois nov dec oct sep aug jul jun apr mar feb jan "
    "okt dez utc gmt cet cest mez mesz bst out more less mehr weniger plus moins mas menos".split()
)
_LABELLED = re.compile(
    rf"(?:^|\n)[^\w\n]*(?P<label>[a-z][^:|=\n]{{1,44}}?)[ ?]*(?::|\||=|\.{{3,}})[ .\"'>]*"
    rf"(?P<number>{NUMBER}|{PLAIN})(?=[ .,]*(?:\n|$))"
)


def find_percents(sheet: Sheet) -> Iterator[Candidate]:
    """Percentages and odds."""
    for match in _PERCENT.finditer(sheet.folded):
        value = number(match["number"], grouped=False)
        if value is not None:
            yield _percent(sheet, value, match.start(), match.end(), 0.95)
    spoken = _SPOKEN.finditer(sheet.folded) if _PERCENT_WORD.search(sheet.folded) else ()
    for match in spoken:
        yield _percent(sheet, WORDS[match["number"]], match.start(), match.end(), 0.9)
    for match in _ODDS.finditer(sheet.folded) if _ODDS_WORD.search(sheet.folded) else ():
        if match["even"]:
            yield _percent(sheet, 50, match.start(), match.end(), 0.7)
            continue
        part = WORDS.get(match["part"]) or number(match["part"])
        whole = WORDS.get(match["whole"]) or number(match["whole"])
        if part is not None and whole and part <= whole:
            yield _percent(sheet, times(part * 100 / whole, ""), match.start(), match.end(), 0.6)


def _percent(sheet: Sheet, value: int | float, start: int, end: int, sure: float) -> Candidate:
    label = form_label(sheet.folded, start) or " ".join(words_before(sheet.folded, start, 3))
    return Candidate(CandidateKind.PERCENT, value, start, end, confidence=sure, label=label)


def find_numbers(sheet: Sheet) -> Iterator[Candidate]:
    """Numbers before a noun, and the numbers of a form's lines."""
    taken = Taken()
    for candidate in _spoken(sheet):
        taken.take(candidate.start, candidate.end)
        yield candidate
    for match in _COUNTED.finditer(sheet.folded):
        if taken.overlaps(*match.span()):
            continue
        noun = match["noun"]
        value = _value(match["number"])
        if value is None or noun.split()[0] in _NO_NOUN:
            continue
        known = match["head"] is not None or noun.split()[0] in ("of", "von", "d'entre", "de")
        start, end = match.span()
        label = " ".join(words_before(sheet.folded, start, 3))
        yield Candidate(
            CandidateKind.NUMBER,
            times(value, match["multiple"] or ""),
            start,
            end,
            confidence=_confidence(match["number"], noun, known=known),
            unit=sheet.text[match.start("noun") : end],
            label=label,
        )
    for match in _LABELLED.finditer(sheet.folded):
        value = number(match["number"])
        if value is not None:
            yield Candidate(
                CandidateKind.NUMBER,
                value,
                match.start("number"),
                match.end("number"),
                confidence=0.7,
                label=" ".join(match["label"].split()),
            )


def _spoken(sheet: Sheet) -> Iterator[Candidate]:
    """Numbers of several words, or of a compound, before what is counted in deals."""
    for spoken in spoken_numbers(sheet):
        if spoken.words == 1 and sheet.folded[spoken.start : spoken.end] in WORDS:
            continue
        noun = _NOUN_AFTER.match(sheet.folded, spoken.end)
        if noun is not None:
            yield Candidate(
                CandidateKind.NUMBER,
                spoken.value,
                spoken.start,
                noun.end(),
                confidence=0.85,
                unit=sheet.text[noun.start("noun") : noun.end()],
                label=" ".join(words_before(sheet.folded, spoken.start, 3)),
            )


def _confidence(written: str, noun: str, *, known: bool) -> float:
    """A year, a postal code, "one" of whatever: hardly a count."""
    if known:
        return 0.4 if written in ("one", "eins", "uno", "un", "1") else 0.9
    if len(written) == 5 and written.isdigit():
        return 0.2
    if written.isdigit() and 1900 <= int(written) <= 2100:
        return 0.2
    return 0.3 if written in ("one", "eins", "uno", "un") or " " in noun else 0.55


def _value(written: str) -> int | float | None:
    return WORDS[written] if written in WORDS else number(written)
