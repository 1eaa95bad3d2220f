"""Sums of money, with their currency and what they are counted by.

Invariant: a sum has its currency beside it; a number alone is none. ``label`` holds what names the
sum before or after it, and ``per …`` where it is the price of one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from copilot.extraction.candidates import Candidate, CandidateKind
from copilot.extraction.finding.number_words import spoken_numbers
from copilot.extraction.finding.numerals import NUMBER, PLAIN, number, times
from copilot.extraction.finding.sheet import Sheet
from copilot.extraction.finding.taken import Taken

_SYMBOLS = {
    "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₽": "RUB", "₺": "TRY", "₩": "KRW", "₪": "ILS",
    "$": "USD", "us$": "USD", "c$": "CAD", "ca$": "CAD", "a$": "AUD", "au$": "AUD", "nz$": "NZD",
    "mx$": "MXN", "r$": "BRL", "hk$": "HKD", "s$": "SGD", "zł": "PLN", "zl": "PLN", "kč": "CZK",
    "fr.": "CHF", "sfr.": "CHF", "chf": "CHF",
    "euro": "EUR", "euros": "EUR", "dollar": "USD", "dollars": "USD", "dolares": "USD",
    "pound": "GBP", "pounds": "GBP", "quid": "GBP", "pfund": "GBP", "franken": "CHF",
    "stutz": "CHF", "libras": "GBP", "livres": "GBP", "yen": "JPY", "pesos": "MXN",
}  # fmt: skip
_CODES = frozenset(
    "EUR USD GBP CHF JPY CNY INR RUB TRY KRW ILS CAD AUD NZD MXN BRL HKD SGD PLN CZK SEK NOK DKK "
    "HUF RON BGN ISK ARS CLP COP PEN UYU ZAR AED SAR THB MYR IDR PHP VND UAH EGP NGN KES MAD"
    "".split()
)
_SIGN = r"(?:[a-z]{1,2}\$|[€£¥₹₽₺₩₪$]|zł|kč)"
_CODE = "|".join(sorted(code.lower() for code in _CODES))
_NAME = r"euros?|dollars?|dolares|pounds?|quid|pfund|franken|stutz|libras|livres|yen|pesos|fr\."
_MULTIPLE = (
    r"(?: ?(?:k|m|mn|mm|bn)(?![\w²³])| ?(?:mio|mrd|tsd)\b\.?"
    r"| (?:million(?:en|s)?|millon(?:es)?|milliarden|milliards|billion|tausend|thousand)\b"
    r"| (?:mille|mil)\b)"
)
_AMOUNT = rf"(?:{NUMBER}|{PLAIN})"
_BEFORE = re.compile(
    rf"(?<![\w$€£])(?P<sign>{_SIGN}|(?:{_CODE}|fr\.|sfr\.) ?) ?"
    rf"(?P<amount>{_AMOUNT})(?:,-+|\.-+)?(?P<multiple>{_MULTIPLE})?(?P<after> ?(?:{_CODE})\b)?"
)
_AFTER = re.compile(
    rf"(?<![\w.,$])(?P<amount>{_AMOUNT})(?:,-+|\.-+)?(?P<multiple>{_MULTIPLE})? ?(?:d'|de )?"
    rf"(?P<sign>k€|m€|t€|[kt]eur\b|{_SIGN}(?![\w$])|(?:{_CODE}|{_NAME})(?![\w]))"
)
_NAMED_AFTER = re.compile(
    r" (?:de |d')?(?P<name>euros?|dollars?|dolares|pounds|quid|pfund|franken|libras|livres|eur|usd"
    r"|gbp|chf)\b"
)
_MULTIPLIED = {
    "k€": ("k", "€"), "t€": ("k", "€"), "m€": ("m", "€"), "keur": ("k", "€"), "teur": ("k", "€"),
}  # fmt: skip
_PER = re.compile(
    r"(?:[ ,]*(?:net|netto|net\b|ht|hors taxes?|neto|each|jeweils|je|zzgl\.? mwst\.?|\+ iva))? ?"
    r"(?:(?:per|pro|par|por|/|je|a|an|al|each a|every) ?"
    r"(?:named |office |active )?"
    r"(?:users?|seats?|licen[cs]es?|heads?|persons?|agents?|vans?|drivers?|sites?|devices?|sensors?"
    r"|nutzer|benutzer|anwender|platz|arbeitsplatz|kopf|lizenz|mitarbeiter|gerat|standort|stuck"
    r"|utilisateurs?|postes?|personnes?|tetes?|licences?|siege|sites?"
    r"|usuarios?|puestos?|personas?|licencias?|sedes?|cabeza|u\.?)\b"
    r"|each\b|jeweils|chacun|cada uno)"
)
_EVERY = re.compile(
    r"[^\n.;]{0,24}?(?:\b(?:per|a|pro|im|par|al|por|und|and|et|y|each) ?|/ ?)"
    r"(?:(?P<month>months?|mo|monat|mois|mes)|(?P<year>years?|yr|annum|jahr|an|annee|ano)"
    r"|(?P<quarter>quarter|quartal|trimestre)|(?P<week>week|woche|semaine|semana)"
    r"|(?P<day>day|tag|jour|dia))\b"
)
_NET = re.compile(
    r"[ ,(]{0,2}(net(?:to)?|brutto|gross|ht|ttc|hors taxes?|neto|bruto|all in|in total|insgesamt"
    r"|total|en tout|en total|excl\.? vat|incl\.? vat|zzgl\.? mwst|inkl\.? mwst|mas iva|\+ iva"
    r"|iva incluido|plus vat|ex vat)\b"
)
_NAMED = re.compile(
    r"\b(total(?:e)?|budget|summe|gesamt(?:preis|betrag|summe|wert)?|montant|importe|presupuesto"
    r"|amount"
    r"|deal value|value|volumen|auftragswert|wert|price|preis|prix|precio|net(?:to)?|brutto|gross"
    r"|offer|angebot|devis|offre|oferta|fee|gebuhr|frais|invoice|rechnung|facture|factura|discount"
    r"|rabatt|remise|descuento|instead of|statt|au lieu de|en vez de|arr|acv|tcv|mrr"
    r"|unterm strich|all in|surcharge|(?:stamm)?kapital|capital)\b[^\n.;,]{0,24}\Z"
)


def find_money(sheet: Sheet) -> Iterator[Candidate]:
    """Sums with the sign or the code of their currency before or after them, or in words."""
    taken = Taken()
    for candidate in _in_words(sheet):
        taken.take(candidate.start, candidate.end)
        yield candidate
    for pattern in (_BEFORE, _AFTER):
        for match in pattern.finditer(sheet.folded):
            found = _sum(sheet, match)
            if found is not None and taken.take(found.start, found.end):
                yield found


def _in_words(sheet: Sheet) -> Iterator[Candidate]:
    """Twelve thousand pounds."""
    if _NAMED_AFTER.search(sheet.folded) is None:
        return
    for spoken in spoken_numbers(sheet):
        name = _NAMED_AFTER.match(sheet.folded, spoken.end)
        if name is not None:
            yield Candidate(
                CandidateKind.MONEY,
                spoken.value,
                spoken.start,
                name.end(),
                confidence=0.85,
                unit=_SYMBOLS.get(name["name"]) or name["name"].upper(),
                label=_label(sheet.folded, spoken.start, name.end()),
            )


def _sum(sheet: Sheet, match: re.Match[str]) -> Candidate | None:
    value = number(match["amount"])
    sign, multiple = match["sign"].strip(), match["multiple"] or ""
    if value is None:
        return None
    if sign in _MULTIPLIED:
        multiple, sign = _MULTIPLIED[sign]
    groups = match.groupdict()
    code = (groups.get("after") or "").strip() or sign
    currency = _SYMBOLS.get(code) or code.upper()
    if currency not in _CODES:
        return None
    if currency.lower() in _WORDLIKE and not sheet.text[match.start() : match.end()].count(
        currency
    ):
        return None
    return Candidate(
        CandidateKind.MONEY,
        times(value, multiple.strip()),
        match.start(),
        match.end(),
        confidence=0.95,
        unit=currency,
        label=_label(sheet.folded, match.start(), match.end()),
    )


_WORDLIKE = frozenset("all cop mad sar top try ron php".split())  # words, unless in capitals


def _label(folded: str, start: int, end: int) -> str:
    parts = []
    before = _NAMED.search(folded, max(0, start - 48), start)
    if before is not None and "\n" not in before[0]:
        parts.append(before[1])
    after = _NET.match(folded, end)
    if after is not None:
        parts.append(after[1])
    per = _PER.match(folded, end)
    if per is not None:
        parts.append("per user" if per[0].strip() else "")
    every = _EVERY.match(folded, end)
    if every is not None:
        parts.append(f"per {every.lastgroup}")
    return " ".join(part for part in parts if part)
