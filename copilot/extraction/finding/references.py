"""Numbers of orders, invoices, tickets, customers …, with what each is the number of.

Invariant: digits alone count only after a word that says what they number; ``unit`` is that word's
English name, empty where only the shape tells that it is a reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from copilot.extraction.candidates import Candidate, CandidateKind
from copilot.extraction.finding.sheet import Sheet
from copilot.extraction.finding.spelled import spelled

_NOUNS = {
    "order": "order orders bestellung bestell auftrag auftrags commande pedido pedidos orden po "
    "purchase bon",
    "invoice": "invoice invoices inv rechnung rechnungs facture factura facturas bill beleg",
    "ticket": "ticket tickets case fall vorgang vorgangs anfrage supportfall caso cas dossier "
    "expediente incidencia averia request sr  tique demande",
    "incident": "incident incidents storung storungs incidente inc problem prb",
    "tenant": "tenant tenants mandant mandanten instance instanz workspace locataire inquilino",
    "customer": "customer client clients kunde kunden cliente clientes kd debitor debtor "
    "debitoren kundin abonne",
    "account": "account accounts acct konto compte cuenta",
    "contract": "contract contracts vertrag vertrags contrat contrato police poliza policy",
    "quote": "quote quotation offer angebot angebots devis offre oferta presupuesto",
    "delivery": "delivery deliveries lieferschein lieferung livraison entrega albaran shipment "
    "parcel sendung sendungs colis envio tracking paket consignment bl",
    "credit note": "gutschrift gutschrifts avoir abono credit",
    "asset": "s/n asset inventar gerate geraet gerat device serial serien serie sn laptop "
    "machine drucker printer imei equipo activo",
    "change": "change changes chg anderung",
    "alert": "alert alarm alerta",
    "user": "user benutzer nutzer utilisateur usuario personal employee mitarbeiter matricule",
    "payment": "payment zahlung zahlungs paiement pago transaction transaktion transaktions mandat "
    "mandate mandato lastschrift refund",
    "product": "article artikel articulo sku item produkt",
    "form": "form formular formulaire formulario web",
    "reference": "reference ref referenz referencia aktenzeichen zeichen id kennung identifier "
    "identifiant identificador nummer number numero nr no",
}
_UNIT_OF = {word: unit for unit, words in _NOUNS.items() for word in words.split()}
_VAGUE = frozenset("reference alert product form user".split())
NUMBERED = frozenset(word for word, unit in _UNIT_OF.items() if unit not in _VAGUE)
_NOUN = "|".join(sorted(_UNIT_OF, key=len, reverse=True))
_NUMBER_WORD = (
    r"(?:nummern?|number|num\.?|numero|no\.?|nr\.?|n°|nº|id|ids|code|ref\.?|reference|referenz|#"
    r"|identifier|identifiant|identificador|kennung)"
)
_TOKEN = (
    r"[\"'(\[<*`]{0,2}#?(?=[a-z\-_./]*[0-9])"
    r"(?P<token>[a-z0-9](?:[a-z0-9\-_.]|/(?=[0-9])){0,27}[a-z0-9])(?![\w@])"
)
_LABELLED = re.compile(
    rf"(?<![\w])(?P<noun>{_NOUN})(?:[ \-.]{{0,2}}{_NUMBER_WORD}(?![a-z])|(?P<bare>)(?!\w))"
    r"(?:\s?\([^)\n]{0,20}\))?"
    r"[ .]*(?P<colon>[:=|#]|\.{3,})?\s{0,12}"
    r"(?:(?:is|are|was|ist|war|lautet|est|es|is the|es el|es la|the|la|el|de|du|of|von|vom|no\.?"
    rf"|nr\.?|n°|nº|#) ?){{0,2}}{_TOKEN}"
)
_SHAPED = re.compile(
    r"(?<![\w\-.@$])#?(?P<token>[A-Z]{2,5}(?:-[A-Z]{2,5}){1,2}-[0-9]{3,8}"
    r"|[A-Za-z]{1,8}-(?:[A-Z]{1,3}-?)?[0-9]{2,}(?:-[0-9]{2,})*"
    r"|[A-Z]{1,4}[0-9]{1,4}-[0-9]{3,8}|[A-Z]{1,6}-[0-9]{4}-[0-9]{2,}|[A-Z]{2,5}[0-9]{5,12}"
    r"|[A-Z]{1,4}/[0-9]{4}/[0-9]{2,}"
    r"|(?<![0-9)] )[0-9]{3,6}-[0-9]{4,8})(?![\w@]|-\w|\.[0-9])"
)
_HASHED = re.compile(
    r"(?<![\w&/#\"'(=])#(?P<token>[0-9]{2,10})(?![\w])|\[#(?P<inner>[0-9]{2,10})\]"
)
_PREFIXES = {
    "inv": "invoice", "re": "invoice", "rg": "invoice", "f": "invoice", "fac": "invoice",
    "cn": "credit note", "gs": "credit note", "inc": "incident", "prb": "incident",
    "chg": "change", "req": "ticket", "ritm": "ticket", "tkt": "ticket", "case": "ticket",
    "sr": "ticket", "po": "order", "so": "order", "wo": "order", "ord": "order", "order": "order",
    "rma": "delivery", "ls": "delivery", "quo": "quote", "ag": "quote", "asset": "asset",
    "web": "form", "cust": "customer", "kd": "customer", "pay": "payment", "t": "tenant",
}  # fmt: skip
_NO_REFERENCE = re.compile(
    r"(?:iso|iec|rfc|din|en|ieee|ansi|gmt|utc|covid)-?[0-9]+(?:-[0-9]+)*"
    r"|(?:ora|tns|sqlstate|kb|e)-?[0-9]+|(?:utf|iso|rfc|sha|md|base|cve|din|en|ip|ipv|http|tls|ssl"
    r"|covid|top|sev|p|x|amd|arm|win|usb"
    r"|q|kw"
    r"|cw|fy|h|vat|b|us|eu|ec|az|mp|din|stockd|worker|node|pod)-?[0-9]{1,3}|[a-z]{1,2}[0-9]{1,2}"
)
_DATE_LIKE = re.compile(
    r"[0-9]{4}([./\-])[0-9]{1,2}\1[0-9]{1,2}|[0-9]{1,2}([./\-])[0-9]{1,2}\2[0-9]{2,4}"
    r"|[0-9]{1,2}[:.][0-9]{2}|[0-9]{1,2}[./][0-9]{1,2}\.?"
    r"|(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}.*|[0-9]+(?:[.,][0-9]+)+"
)
_YEARLESS = re.compile(r"[0-9]{1,2}/[0-9]{1,2}/(?!19|20)[0-9]{4}")
_FEWEST_DIGITS = 3
_CLASS = re.compile(r"[1-5]xx|[0-9]+x|x[0-9]+")
_FILE = re.compile(r"\.[a-z]{2,4}\b")
_TAXED = re.compile(
    r"\b(?:registered|ust|vat|tva|steuer|nif|cif|siret|siren|iban|hrb|rcs|wales)[^\n]{0,20}\Z"
)
_PLAIN_NOUNS = frozenset(
    "po auftrag beleg gutschrift expediente incidencia anfrage abono albaran devis angebot contrat "
    "vertrag contrato nr no numero number ticket tickets case fall vorgang caso cas dossier"
    " incident order orders bestellung commande "
    "pedido invoice rechnung facture factura tenant mandant asset lieferschein avoir".split()
)


def find_references(sheet: Sheet) -> Iterator[Candidate]:
    """Labelled numbers first, then what has a reference's shape."""
    found: dict[int, Candidate] = {}
    for candidate in _labelled(sheet):
        found.setdefault(candidate.start, candidate)
    units = _units_by_prefix(found.values())
    for candidate in _shaped(sheet, units):
        found.setdefault(candidate.start, candidate)
    for candidate in spelled(sheet, NUMBERED):
        if candidate.kind is CandidateKind.REFERENCE:
            found.setdefault(candidate.start, candidate)
    yield from sorted(found.values(), key=lambda candidate: candidate.start)


def _labelled(sheet: Sheet) -> Iterator[Candidate]:
    for match in _LABELLED.finditer(sheet.folded):
        token, noun = match["token"], match["noun"]
        start, end = match.span("token")
        if not any(char.isdigit() for char in token):
            continue
        if _DATE_LIKE.fullmatch(token) and not _YEARLESS.fullmatch(token):
            continue
        if (
            token.startswith("0x")
            or _CLASS.fullmatch(token)
            or _TAXED.search(sheet.folded, max(0, start - 36), start)
        ):
            continue
        digits = sum(char.isdigit() for char in token)
        named = match["bare"] is None or match["colon"] is not None
        if not named and token.isdigit() and (digits < 4 or noun not in _PLAIN_NOUNS):
            continue
        if "\n" in match[0][: start - match.start()] and not named:
            continue
        if token.isdigit() and (digits < 3 or _counted(sheet.folded, end)):
            continue
        several = "/" in sheet.folded[max(0, match.start() - 2) : match.start()]
        unit = "reference" if several else _UNIT_OF[noun]
        yield Candidate(
            CandidateKind.REFERENCE,
            sheet.text[start:end],
            start,
            end,
            confidence=_sure(noun, token, named=named),
            unit=_PREFIXES.get(_prefix(token), "") if unit == "reference" else unit,
            label=" ".join(sheet.folded[match.start() : match.end("noun")].split()),
        )


def _sure(noun: str, token: str, *, named: bool) -> float:
    if named or not token.isdigit():
        return 0.92
    return 0.6 if noun in ("nr", "no", "numero", "number") else 0.85


def _counted(folded: str, end: int) -> bool:
    """The number of something, or a sum, or a year: "order 5000 boxes"."""
    return (
        re.match(
            r" ?(?:%|€|\$|£|eur\b|usd\b|gbp\b|chf\b|k\b|kg\b|st\b|[a-z]+s\b|,[0-9])",
            folded[end : end + 16],
        )
        is not None
    )


def _units_by_prefix(candidates: Iterable[Candidate]) -> dict[str, str]:
    units: dict[str, str] = {}
    for candidate in candidates:
        prefix = _prefix(str(candidate.value))
        if prefix and candidate.unit:
            units.setdefault(prefix, candidate.unit)
    return units


def _prefix(token: str) -> str:
    match = re.match(r"([A-Za-z]{1,8})-?[0-9]", token)
    return match[1].lower() if match else ""


def _shaped(sheet: Sheet, units: dict[str, str]) -> Iterator[Candidate]:
    for match in _SHAPED.finditer(sheet.text):
        token, start = match["token"], match.start("token")
        if _NO_REFERENCE.fullmatch(token.lower()) or _TAXED.search(
            sheet.folded, max(0, start - 36), start
        ):
            continue
        prefix = _prefix(token)
        if sum(char.isdigit() for char in token) < _FEWEST_DIGITS:
            continue
        if _FILE.match(sheet.folded, start + len(token)):
            continue
        yield Candidate(
            CandidateKind.REFERENCE,
            token,
            start,
            start + len(token),
            confidence=_shape_confidence(sheet.text, match, prefix),
            unit=units.get(prefix) or _PREFIXES.get(prefix, ""),
        )
    for match in _HASHED.finditer(sheet.text):
        group = "token" if match["token"] else "inner"
        yield Candidate(
            CandidateKind.REFERENCE,
            match[group],
            match.start(group),
            match.end(group),
            confidence=0.75,
            unit="ticket",
        )


def _shape_confidence(text: str, match: re.Match[str], prefix: str) -> float:
    token = match["token"]
    if not prefix:
        return 0.4  # two groups of digits
    if "/" in (text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]):
        return 0.5  # part of an address
    digits = sum(char.isdigit() for char in token)
    if prefix in _PREFIXES:
        return 0.8
    if token[0].islower():
        return 0.55
    return 0.75 if digits > 4 else 0.5  # a short one may as well be an error's code
