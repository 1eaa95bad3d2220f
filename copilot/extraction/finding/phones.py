"""Telephone numbers, in E.164.

Invariant: digits count as a telephone number only with a country code, a word that says so, or in
the shape that a country gives them; ``label`` says what is called what: phone, mobile, direct, fax.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from copilot.extraction.candidates import Candidate, CandidateKind
from copilot.extraction.finding.regions import regions_of
from copilot.extraction.finding.sheet import Sheet
from copilot.handoff import PhoneNumber, PhoneNumbers

_RUN = re.compile(
    r"(?:(?<![\w+@/=])(?:\(\+[0-9]{1,3}\) ?|\+ ?)|(?<![\w.,/:#@=+&$€£%\-])(?:00 ?(?=[1-9]))?)"
    r"(?:\([0-9][0-9 ]{0,5}\) ?)?[0-9]"
    r"(?:(?: [\-/] |[ .\-/]| ?\((?=[0-9])|\)[ \-/]{0,3}){0,2}[0-9]){5,17}(?![\w]|[.,:/\-@][0-9])"
)
_BYTE = "(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})"
_NOT_ONE = re.compile(
    rf"{_BYTE}(?:\.{_BYTE}){{3}}"  # an IP address
    r"|[0-9]{1,2}([./\-])[0-9]{1,2}\1(?:[0-9]{4}|[0-9]{2})(?: .*)?"  # a date
    r"|(?:19|20)[0-9]{2}([./\-])[0-9]{1,2}\2[0-9]{1,2}(?: .*)?"
    r"|(?:19|20)[0-9]{2} ?- ?(?:19|20)[0-9]{2}"
    r"|20[0-9]{2}[01][0-9][0-3][0-9](?:[ \-][0-9]{1,6})?"
    r"|[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+\.[0-9]+"  # a number
    r"|(?![0-9]{3}\.[0-9]{3}\.[0-9]{4})[0-9]+\.[0-9]+\.[0-9]+"  # a version
    r"|[0-9]{1,4}(?: ?- ?[0-9]{1,4})"  # a span
)
_OTHER = re.compile(
    r"(?:\b(?:iban|bic|ust|vat|tva|nif|cif|siret|siren|hrb|hra|rcs|registered|reg|no|nr|num"
    r"|numero|nummer"
    r"|number|ticket|case|fall|order|bestellung|commande|pedido|invoice|rechnung|facture|factura"
    r"|ref|referenz|reference|id|serial|serien\w*|account|konto|kontonr|tenant|isbn|version|build"
    r"|line"
    r"|zeile|pin|code|ip|article|artikel\w*|kundennr|kundennummer|vertrag\w*|mandant|asset|sku|ean)"
    r"|[nN]°|#)[.:\- #]{0,4}(?:is |ist |est |es |of |de )?\Z"
)
_PHONE_WORDS = (
    ("fax", "telefax|facsimile|telecopie|telecopieur|fax"),
    ("mobile", "mobile|mobil|mobiltelefon|mobilnummer|mobil-nr|handy|handynummer|handynr|cell"
     "|cellphone|cell phone|celular|cel|movil|portable|port|gsm|natel|whatsapp|mob|m"),
    ("direct", "direct|direct line|direct dial|durchwahl|dw|ligne directe|directo|linea directa"
     "|ddi"),
    ("reception", "reception|switchboard|zentrale|standard|centralita|main|hq|empfang|accueil"
     "|helpline|hotline|support"),
    ("phone", "tel|tlf|tfno|telefon|telephone|telefono|fon|phone|ph|office|desk|desk phone|landline"
     "|fixe|fijo|buro|oficina|bureau|work|home|privat|festnetz|ruf|rufnummer|telefonnummer"
     "|telefon-nr"
     "|call|ring|ring me|call me|call us|number|my number|phone number|callback|ruckruf|joignable"
     "|appelez moi|appelez-moi|llamar|llame|llamame|llamenos|erreichbar|unter|t|p|o|d"),
)  # fmt: skip
_KIND_OF = {word: kind for kind, words in _PHONE_WORDS for word in words.split("|")}
_LABEL = re.compile(
    r"(?:^|(?<=[^\w]))((?:(?:cell|desk|direct|ligne|linea|my|phone|ring|call|appelez) )?"
    r"[a-z]+(?:[-](?:nr|nummer|moi))?)[ .,:)(\-*]{0,6}"
    r"(?:(?:that's|it's|is|ist|est|es|on|at|unter|der|die|au|al|sous|lautet|number|nummer|nr|no"
    r"|numero|phone"
    r"|telefon|optional|direkt|geschaftlich|privat|the number|me on|me at"
    r"|us on)[ .:)(\-]{1,4}){0,2}"
    r"(?:\.{2,} ?|\| ?|= ?)?\Z"
)
_LINE_LABEL = re.compile(r"[^\w\n]*([a-z]+)[^:|\n]{0,30}?[ .]*[:|.=]+ *\Z")
_AFTER = re.compile(r" ?[(\[,]? ?(mobile?|cell|handy|fax|direct|office|movil|portable|tel)\b")
_NANP = re.compile(r"(?:1[ .\-])?\(?[2-9][0-9]{2}\)?[ .\-]{0,2}[2-9][0-9]{2}[ .\-][0-9]{4}")
_SPANISH = ([3, 3, 3], [3, 2, 2, 2], [2, 3, 2, 2])
_SINGLE = frozenset("mtpod")
_CONTEXT = 44
_SHORTEST = 8  # a plus, a country and six digits


def find_phones(sheet: Sheet, phones: PhoneNumbers) -> Iterator[Candidate]:
    """Numbers that one could dial, each once for each place."""
    for match in _RUN.finditer(sheet.folded):
        start, end = match.span()
        shown = match[0]
        before = _before(sheet.folded, start)
        international = shown.lstrip("(")[0] == "+" or shown.startswith("00")
        if not international and (_NOT_ONE.fullmatch(shown) or _in_a_code(before)):
            continue
        label = _label_of(sheet.folded, before, start, end)
        if not label and not international and _OTHER.search(before):
            continue
        read = _read(sheet, phones, match, labelled=bool(label))
        if read is None:
            continue
        number, sure = read
        yield Candidate(CandidateKind.PHONE, number.e164, start, end, confidence=sure, label=label)


def _before(folded: str, start: int) -> str:
    """What stands before the number on its line."""
    line = max(folded.rfind("\n", max(0, start - _CONTEXT), start) + 1, start - _CONTEXT, 0)
    return folded[line:start]


def _in_a_code(before: str) -> bool:
    """Groups of digits that go on one with letters: an IBAN, a VAT number."""
    last = before.split()[-1:] if before[-1:] == " " else []
    return bool(last and len(last[0]) >= 3 and last[0][:2].isalpha() and last[0][2:].isdigit())


def _label_of(folded: str, before: str, start: int, end: int) -> str:
    match = _LABEL.search(before)
    if match is not None:
        word = match[1]
        kind = _KIND_OF.get(word) or _KIND_OF.get(word.rpartition(" ")[2])
        single = word if len(word) == 1 else ""
        if kind and (single not in _SINGLE or _stands_alone(before, match.start(1))):
            return kind
    line = _LINE_LABEL.match(before)
    if line is not None and line[1] in _KIND_OF and len(line[1]) > 1:
        return _KIND_OF[line[1]]
    after = _AFTER.match(folded, end, min(len(folded), end + 14))
    return _KIND_OF.get(after[1], "") if after else ""


def _stands_alone(before: str, at: int) -> bool:
    """A single letter is a label at the line's start, or after a divider."""
    return not before[:at].strip() or before[:at].rstrip()[-1] in "|·,;/-•>*)"


def _read(
    sheet: Sheet, phones: PhoneNumbers, match: re.Match[str], *, labelled: bool
) -> tuple[PhoneNumber, float] | None:
    shown = match[0]
    if shown.lstrip("(")[0] == "+" or (shown.startswith("00") and not shown.startswith("000")):
        number = phones.read(_dialled(shown), region="")
        if number is None or len(number.e164) < _SHORTEST:
            return None
        return number, 0.97 if number.valid else 0.9
    digits = sum(char.isdigit() for char in shown)
    shaped = _shaped(shown, digits)
    if not labelled and not shaped:
        return None
    local = digits < 9 and shown.lstrip("(")[0] != "0"  # without its area, it can't be dialled
    possible: PhoneNumber | None = None
    for region in regions_of(sheet, match.start(), shown):
        number = phones.read(shown, region=region)
        if number is None:
            continue
        if number.valid:
            return number, 0.93 if labelled else 0.82
        possible = possible or number
        if shaped and digits > 8:
            break
    if possible is None or local or digits < 7:
        return None
    return possible, 0.85 if labelled else 0.7


def _dialled(shown: str) -> str:
    """With a plus, and without the zero in brackets that isn't dialled from abroad."""
    digits = shown.replace("(0)", " ").lstrip("(")
    return digits if digits[0] == "+" else f"+{digits[2:].lstrip()}"


def _shaped(shown: str, digits: int) -> bool:
    """Grouped as a national number is: a leading zero and a gap, or three, three and four."""
    if _NANP.fullmatch(shown):
        return True
    groups = re.findall(r"[0-9]+", shown)
    if len(groups) > 1 and shown.lstrip("(")[0] == "0" and shown[:2] != "00":
        return 9 <= digits <= 13 and not all(len(group) == 1 for group in groups)
    if len(groups) in (3, 4) and digits == 9 and shown[0] in "6789":  # Spain
        return [len(group) for group in groups] in _SPANISH and "." not in shown
    return digits in (10, 11) and shown[0] == "0" and shown[1] in "17" and len(groups) == 1
