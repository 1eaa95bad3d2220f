"""Which country a telephone number without a country code, or a date in digits, belongs to.

Invariant: what stands in the text comes first, then its language, then the settings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from copilot.extraction.finding.sheet import Sheet

_SIGNS = {
    "DE": r"\b(?:gmbh|e\.? ?kg|ohg|kgaa|e\.g\.|eg\b(?= |\n)|ust-idnr|hrb|deutschland|germany"
    r"|berlin|hamburg|munchen|koln|frankfurt|stuttgart|leipzig|bremen|dusseldorf)\b",
    "AT": r"\b(?:osterreich|austria|wien|graz|linz|salzburg)\b",
    "CH": r"\b(?:schweiz|suisse|svizzera|switzerland|zurich|genf|geneve|basel|bern|lausanne)\b",
    "FR": r"\b(?:sarl|sasu?|eurl|france|paris|lyon|marseille|nantes|rungis|cedex|siret)\b",
    "BE": r"\b(?:belgium|belgique|belgie|bruxelles|brussel|bvba|sprl)\b",
    "MX": r"\bs\.? ?a\.? de c\.? ?v|\b(?:mexico|cdmx)\b",
    "AR": r"\b(?:argentina|buenos aires)\b",
    "ES": r"\bs\.l\.|\b(?:espana|spain|madrid|barcelona|valencia|sevilla|malaga|bilbao)\b",
    "IE": r"\b(?:ireland|dublin|eircode)\b",
    "GB": r"\b(?:ltd|limited|llp|plc|england|scotland|wales|united kingdom|uk|london|leeds"
    r"|manchester|[a-z]{1,2}[0-9][0-9a-z]? [0-9][a-z]{2})\b",
    "US": r"\b(?:inc|llc|corp|usa|united states|seattle|new york|chicago|boston|portland)\b",
}
_FORMS = re.compile("|".join(rf"(?P<{region}>{signs})" for region, signs in _SIGNS.items()))
_TLD = re.compile(r"@[\w.\-]{1,80}\.(de|at|ch|fr|be|es|mx|ar|cl|co|pe|it|nl|ie|uk|us|ca|au)\b")
_SPOKEN = {
    "de": ("DE", "AT", "CH"),
    "fr": ("FR", "BE", "CH", "CA"),
    "es": ("ES", "MX", "AR"),
    "en": ("GB", "US"),
}
_SMALL_WORDS = {
    language: re.compile(rf"\b(?:{words})\b")
    for language, words in {
        "en": "the|and|of|to|is|my|we|you|with|mobile|phone|cell|call|office|desk",
        "de": "der|die|das|und|ist|ich|wir|sie|mit|von|handy|mobil|telefon|durchwahl|zentrale"
        "|hotline|bestellung|fehler|angebot",
        "fr": "le|les|et|est|je|vous|nous|avec|du|des|portable|devis|erreur|facture",
        "es": "el|los|y|es|que|con|del|una|movil|fijo|telefono|pedido|factura|version",
    }.items()
}
_PAIRS = re.compile(r"0[1-9](?:[ .\-][0-9]{2}){4}")
_SWISS = re.compile(r"0[0-9]{2}[ ./][0-9]{3} [0-9]{2} [0-9]{2}")
_NANP = re.compile(r"(?:1[ .\-])?\(?[2-9][0-9]{2}\)?[ .\-]{0,2}[2-9][0-9]{2}[ .\-]?[0-9]{4}")
_BRITISH = re.compile(
    r"(?:\(?0[127][0-9]{3}\)? ?[0-9]{3} ?[0-9]{3}|\(?02[0-9]\)? ?[0-9]{4} ?[0-9]{4})"
)
_IRISH = re.compile(r"08[35679][ \-][0-9]{3}[ \-][0-9]{4}")
_NINE = re.compile(
    r"[6789][0-9]{2} ?(?:[0-9]{3} ?[0-9]{3}|[0-9]{2} ?[0-9]{2} ?[0-9]{2})"
    r"|[89][0-9] [0-9]{3} [0-9]{2} [0-9]{2}"
)


def regions_of(sheet: Sheet, at: int, shown: str) -> Iterator[str]:
    """Countries that a number as it is shown may be of, the likeliest first, each once."""
    seen: set[str] = set()
    for region in (*_by_shape(shown, sheet), *regions_told(sheet, at), sheet.region):
        if region and region not in seen:
            seen.add(region)
            yield region


def regions_told(sheet: Sheet, at: int) -> tuple[str, ...]:
    """Countries by what the message says of itself, then by its language."""
    message = sheet.message_at(at)
    start, end = (message.start, message.end) if message else (0, len(sheet.folded))
    told = _told(sheet.folded[start:end][-6000:])
    spoken = _SPOKEN.get(sheet.reading.language or _language(sheet.folded[start:end][:4000]), ())
    if sheet.region and (not spoken or sheet.region in spoken):
        return (*told, sheet.region, *spoken)
    return (*told, *spoken)


@lru_cache(maxsize=64)
def _language(message: str) -> str:
    """The language of a text that is too short to tell, by its small words and its labels."""
    votes = {
        language: sum(1 for _ in words.finditer(message))
        for language, words in _SMALL_WORDS.items()
    }
    best = max(votes, key=lambda language: votes[language])
    return best if votes[best] else ""


@lru_cache(maxsize=64)
def _told(message: str) -> tuple[str, ...]:
    votes: dict[str, int] = {}
    for match in _FORMS.finditer(message):
        if match.lastgroup:
            votes[match.lastgroup] = votes.get(match.lastgroup, 0) + 1
    for match in _TLD.finditer(message):
        region = {"uk": "GB"}.get(match[1], match[1].upper())
        votes[region] = votes.get(region, 0) + 2
    return tuple(sorted(votes, key=lambda region: -votes[region]))


def _by_shape(shown: str, sheet: Sheet) -> tuple[str, ...]:
    if _PAIRS.fullmatch(shown):
        return ("FR",)
    if _SWISS.fullmatch(shown):
        return ("CH",)
    if _NANP.fullmatch(shown) and shown.lstrip("(")[0] != "0":
        return ("US",)
    if _IRISH.fullmatch(shown):
        return ("IE",)
    if _BRITISH.fullmatch(shown) and sheet.reading.language in ("en", ""):
        return ("GB",)
    spanish = sheet.reading.language == "es" or shown.count(" ") == 3
    if spanish and _NINE.fullmatch(shown):
        return ("ES",)
    return ()
