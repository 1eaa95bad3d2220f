"""What a company's name looks like: its legal form, and the domain that it writes from.

Invariant: without either of them words are no company here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from copilot.extraction.people.naming import LEADS, UPPER
from copilot.extraction.reading import Span

_SURE_FORMS = (
    r"Ltd\.?|Limited|L\.?L\.?C\.?|Inc\.?|inc\.?|Lda\.?|Ltda\.?|Lt[ée]e\.?|INC\.?|LTD\.?"
    r"|Incorporated|Corp\.?|Corporation"
    r"|P\.?L\.?C\.?|plc|LLP|Pty\.?(?: Ltd\.?)?|GmbH"
    r"(?:\s?&\s?Co\.?\s?(?:KGaA|KG|OHG))?|gGmbH|mbH|KGaA|[oO]HG|GbR|eG|e\.\s?G\.|e\.\s?V\."
    r"|e\.\s?K\.|UG(?: \(haftungsbeschränkt\))?"
    r"|SARL|S\.A\.R\.L\.?|Sàrl|SASU|S\.A\.S\.?|EURL|SCOP"
    r"|S\.A\.(?:\s?de\s?C\.\s?V\.)?(?:\s?B\.)?|S\.L\.(?:U\.|L\.)?|SLU|S\.A\.U\."
    r"|S\.\s?de\s?R\.\s?L\."
    r"(?:\s?de\s?C\.\s?V\.)?|S\.\s?Coop\.?|B\.V\.|N\.V\.|S\.r\.l\.?|S\.p\.A\.?"
    r"|Sp\.\s?z\s?o\.\s?o\.|s\.r\.o\.|A/S|ApS|Oy|Kft\.?|a\.\s?s\.|d\.o\.o\.|Zrt\.?|OÜ|UAB|EOOD"
    r"|A\.Ş\.|Co-operative|Cooperative"
    r"|PartGm?b?B?|& Co\.?(?:\s?KG)?|& Cie\.?|& Sons?|& Daughters?|& Söhne|& Sohn|& Töchter|& Fils"
    r"|et Fils|& Filles|e Hij[oa]s?|Hermanos|Hermanas|& Partners?|und Partner|& Kollegen"
    r"|& Associates|& Associés|et Associés|[&y] Asociados"
)
_SHORT_FORMS = r"AG|KG|SE|SA|SAS|SL|BV|NV|AB|AS|Srl|SpA|SNC|SCA|Co\."
LEGAL = re.compile(rf"(?:,\s?|\s)(?:{_SURE_FORMS})(?![\w])")
_LEGAL_END = re.compile(rf"(?:,\s?|\s)(?:{_SURE_FORMS}|{_SHORT_FORMS})\)?$")
_WORD = rf"(?:[dlDL]['’])?(?:[{UPPER}]\w*(?:['’.-]{{1,2}}\w+){{0,4}}|[{UPPER}]?\d+[\w-]*)"
_JOINT = (
    r"(?:&|\+|and|und|et|y|e|of|de la|de los|de las|de l['’]|de|del|du|des|la|le|les|el|los|the"
    r"|für|for|van|von)"
)
COMPANY = rf"{_WORD}(?:[ \t](?:{_JOINT}[ \t]){{0,2}}{_WORD}|\s?&\s?{_WORD}){{0,5}}"
COMPANY_BEFORE = re.compile(rf"(?<![\w=]){COMPANY}$")
FREE_MAIL = frozenset(
    "gmail googlemail outlook hotmail live msn yahoo ymail icloud me mac aol gmx web t-online "
    "freenet posteo mailbox proton protonmail pm orange wanadoo free laposte sfr neuf bbox "
    "telefonica terra mail email inbox fastmail zoho yandex btinternet sky talktalk virginmedia "
    "comcast verizon att bluewin hispeed a1 aon telekom arcor".split()
)
_HOST = re.compile(
    r"(?:@|https?://|www\.)((?:[\w-]{1,63}\.){1,6}[a-zA-Z]{2,24})|\b([a-z][\w-]{2,60}\.(?:com"
    r"|de|fr|es|net|org|eu|co\.uk|io|ch|at|example))\b"
    r"|\b(?:at|ät|arroba|arobase|chez|bei)\s([a-z][\w-]{3,60})\s(?:dot|punkt|point|punto)\s[a-z]{2,8}\b"
)
_SECOND_LEVEL = frozenset(("co", "com", "org", "net", "ac", "gov", "edu"))
_TOKENS = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*|&")
_PLAIN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "o", "ł": "l", "æ": "ae"})
_SMALL = frozenset(
    "and und et y e of de del du des la le les el los the & der die das von van".split()
)


_BEFORE = re.compile(
    rf"(?:{_WORD}[ \t](?:(?:&|and|und|et|y|e|de|la|el|los|las|del|des|du|aux?|of"
    rf"|the)[ \t]){{0,2}}){{1,3}}$"
)
_WORD_BEFORE = re.compile(r"\S+[ \t]+")
AFTER = re.compile(
    rf"(?:[ \t](?:(?:&|and|und|et|y|e|de|del|du|des|of|la|los|las|the)[ \t]){{0,2}}{_WORD}"
    rf"|\s?&\s?{_WORD}){{0,3}}"
)
_FORM_AFTER = re.compile(rf",?[ \t](?:{_SURE_FORMS}|{_SHORT_FORMS})(?![\w])")
_ARTICLE = re.compile(r"(?:Les?|La|El|Los|Las)\s")
HEADING = re.compile(  # words that notes, subjects and sentences begin with
    r"(?:call|voice ?mail|messagerie|buzón"
    r"|anruf|telefonat|telefonnotiz|gesprächsnotiz|besuchsnotiz|\w*bericht|aktennotiz|vermerk|stand|report|rapport|informe"
    r"|point|affaire|résumé|summary|resumen|gespräch|appel|llamada"
    r"|notes?|notiz"
    r"|compte[ -]rendu|cr|rdv|meeting|minutes|protokoll|ergebnisprotokoll|todo|next|update"
    r"|monitoring"
    r"|incident|subject|betreff|objet|asunto|re|aw|fw|fwd|wg|chat|live|transcript|ticket|new"
    r"|neue?r?"
    r"|neues|nouveau|nouvelle?|nueva?|nuevo|lead|contact|kontakt|contacto|visit|besuch|visite"
    r"|visita"
    r"|termin|demo|offer|angebot|offre|oferta|renewal|deal|opportunity|kunde|kundin|firma"
    r"|client|cliente"
    r"|customer|société|empresa|company|account|monday|tuesday|wednesday|thursday|friday|montag"
    r"|dienstag"
    r"|mittwoch|donnerstag|freitag|lundi|mardi|mercredi|jeudi|vendredi|lunes|martes|miércoles"
    r"|jueves"
    r"|viernes|hi|hello|hallo|bonjour|hola|dear|planned|past|from|at|von|bei|für|the|a|an|der"
    r"|die|das"
    r"|welche[rsn]?|which|what|quel(?:le)?s?|qué|cuál|jede[rsn]?|every"
    r"|our|unser[e]?|wir|we|i|ich|le|la|les|el|los|las|un|une|una|with|mit|avec|con|for|pour"
    r"|para|and"
    r"|und|et|y|thanks|danke|merci|gracias|spoke|met|handover|übergabe|follow-?up|intro|welcome"
    r"|to|an"
    r"|de|du|des|vom|chez|mr|mrs|ms|herr|frau|madame|monsieur|feria|messe|salon|fair|support"
    r"|team)\b[.:]?",
    re.IGNORECASE,
)


_LED = re.compile(  # small words in capitals, where a sentence begins; no name begins with them
    r"(?:From|At|For|With|To|By|Our|Call|Met|Called|Visited|Spoke|Dear|Hi|Hello|Hallo|Bonjour|Hola"
    r"|Von|Vom|Bei|Für|Mit|Die|Der|Das|Unsere?|Firma|Kunde|Kundin|Chez|Avec|Pour|Desde|Para|Con"
    r"|Customer|Client|Cliente|And|Und|Et|We|Wir|Nous)\s(?=\S)"
)
_LED_BY_DE = re.compile(r"(?:De|Del|Du)\s(?=\S)")


def unled(words: str, *, language: str = "") -> int:
    """Where in a company's name, as it was found in prose, the name itself begins."""
    at = 0
    while found := _LED.match(words, at) or (
        _LED_BY_DE.match(words, at) if language not in ("en", "de") else None
    ):
        at = found.end()
    return at


def has_legal_form(words: str) -> bool:
    return _LEGAL_END.search(words) is not None and words[:1].isalnum()


def host_names(text: str, *, links: bool = True) -> Iterator[str]:
    """The names that companies have in the addresses of a text: "acme" of ana@acme.example; those
    in ``links`` too, which in prose lead to anybody's pages.
    """
    for found in _HOST.finditer(text):
        if found[3]:
            yield found[3]
        elif links or found[2] or not found[0].startswith("http"):
            yield host_name(found[1] or found[2])


def host_name(domain: str) -> str:
    """ "acme" of mail.acme.co.uk; empty for a mailbox that anybody can have."""
    parts = domain.lower().strip(".").split(".")[:-1]
    if len(parts) > 1 and parts[-1] in _SECOND_LEVEL:
        parts = parts[:-1]
    if not parts or parts[-1] in FREE_MAIL:
        return ""
    return parts[-1]


@lru_cache(maxsize=4096)
def _forms(word: str) -> tuple[str, ...]:
    """A word as a domain may spell it."""
    lower = word.lower()
    if lower.isascii():
        return (re.sub(r"[^a-z0-9]", "", lower),)
    spelt = "".join(
        char for char in unicodedata.normalize("NFD", lower.translate(_PLAIN)) if char.isascii()
    )
    bare = "".join(char for char in unicodedata.normalize("NFD", lower) if char.isascii())
    return tuple({re.sub(r"[^a-z0-9]", "", one) for one in (spelt, bare)})


_PART = 4  # letters of a part of a domain, at least


class Hosts:
    """The names of companies, as their addresses spell them."""

    def __init__(self, names: Iterable[str]) -> None:
        names = set(names)
        parts = (tuple(name.split("-")) for name in names if "-" in name)
        self._parted = {one for one in parts if all(len(part) >= _PART for part in one)}
        self._names = {re.sub(r"[^a-z0-9]", "", name) for name in names}
        self._names = {name for name in self._names if len(name) >= 4}
        self._starts = {name[:3] for name in self._names}
        self._letters = {name[0] for name in self._names}

    def __bool__(self) -> bool:
        return bool(self._names)

    def may_be_in(self, line: str) -> bool:
        """Whether a line has letters in it with which one of them begins."""
        if not line.isascii():
            return True
        plain = line.lower().replace("'", "").replace("-", "")
        return any(start in plain for start in self._starts)

    def find(self, words: str) -> Iterator[tuple[int, int, float]]:
        """Where in the words a company of these addresses stands, and how sure that is."""
        if not self._names:
            return
        tokens = [(found.start(), found.end(), found[0]) for found in _TOKENS.finditer(words)]
        at = 0
        while at < len(tokens):
            match = self._match(tokens, at)
            if match is None:
                at += 1
                continue
            last, sure = match
            yield tokens[at][0], tokens[last][1], sure
            at = last + 1

    def _match(self, tokens: list[tuple[int, int, str]], at: int) -> tuple[int, float] | None:
        if tokens[at][2] == "&":
            return None
        first = tokens[at][2]
        if first[0].isascii() and first[0].lower() not in self._letters:
            return None
        if not any(form[:3] in self._starts for form in _forms(first)):
            return None
        if (last := self._begun(tokens, at)) is not None:
            return last, 0.9
        spelt: set[str] = {""}
        best: tuple[int, float] | None = None
        for last in range(at, min(at + 6, len(tokens))):
            word = tokens[last][2]
            if word == "&":
                spelt = {
                    one + joint for one in spelt for joint in ("", "and", "und", "et", "y", "n")
                }
                continue
            forms = _forms(word)
            if last > at and word.lower() in _SMALL:
                forms = (*forms, "")
            spelt = {
                one
                for one in (before + form for before in spelt for form in forms)
                if any(name.startswith(one) or one.startswith(name) for name in self._names)
            }
            if not spelt:
                break
            if any(one.startswith(name) for one in spelt for name in self._names):
                return last, 0.95
            if any(
                len(one) >= 5 and len(one) * 10 >= len(name) * 6
                for one in spelt
                for name in self._names
                if name.startswith(one)
            ):
                best = (last, 0.75)
        return best

    def _begun(self, tokens: list[tuple[int, int, str]], at: int) -> int | None:
        """The last of words that begin as the parts of a domain: moebel-roth, "Möbelhaus Roth"."""
        for parts in self._parted:
            last = at
            for number, part in enumerate(parts):
                while number and last < len(tokens) and tokens[last][2].lower() in _SMALL:
                    last += 1
                if last >= len(tokens) or not any(
                    form.startswith(part) for form in _forms(tokens[last][2])
                ):
                    break
                last += 1
            else:
                return last - 1
        return None


def _leads(word: str) -> bool:
    """Whether a word stands before a name, and isn't its article: "Les Trois Vallées"."""
    leads = HEADING.match(word) is not None or LEADS.match(word) is not None
    return leads and _ARTICLE.match(word) is None


def widened(words: str, start: int, end: int, *, left: bool = True) -> tuple[int, int]:
    """The company's whole name around the part of it that a domain spells."""
    for pattern in (AFTER, _FORM_AFTER):
        if found := pattern.match(words, end):
            end = found.end()
    if left and (found := _BEFORE.search(words[max(0, start - 60) : start])):
        before = found[0]
        while (lead := _WORD_BEFORE.match(before)) and _leads(lead[0]):
            before = before[lead.end() :]
        start -= len(before)
    return start, end


def span_of(base: int, start: int, end: int) -> Span:
    return Span(base + start, base + end)


def span_in(found: re.Match[str], group: str | int) -> Span:
    """Where a match's group stands, without the signs of its sentence."""
    start, end = found.span(group)
    words = found[group]
    if has_legal_form(words):
        return Span(start, end)
    return Span(start, end - (len(words) - len(words.rstrip(" .,'’-"))))
