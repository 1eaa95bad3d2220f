"""What forms and notes say beside a label: "Company: …", "Vorname: …", "Attendees: …".

Invariant: the label tells what it is; a value that was left empty is none.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import groupby

from copilot.extraction.candidates import CandidateKind
from copilot.extraction.people.naming import looks_like_name, name_value
from copilot.extraction.people.places import one_line
from copilot.extraction.people.sheet import Sheet
from copilot.extraction.people.trades import is_office, looks_like_trade
from copilot.extraction.people.wordings import HONORIFIC
from copilot.extraction.reading import Segment, Span
from copilot.extraction.texts import FormField, form_fields
from copilot.extraction.texts.roles import side_of

_PERSON = re.compile(
    r"(?:(?:your|ihr|votre|su|tu|full|contact|customer|client|kunden?|caller)[\s-]?)?(?:name"
    r"|full name|your name|contact|contact (?:name|person)|requester|requestor"
    r"|requested (?:by|for)|reporter|reported by|caller|visitor|submitted by|opened by"
    r"|organi[sz]er|called by|invited by|convened by|einladende[rn]?|eingeladen von|einladung von"
    r"|convoqué par|convocad[oa] por|host|chair|owner|organisator(?:in)?|leitung"
    r"|organisateur|organisatrice|animateur|convoca|organiza|from"
    r"|invitee(?: name)?|attendee name|booked by|guest|customer contact"
    r"|attn|primary contact|user|end user|speaker|who"
    r"|ansprechpartner(?:in)?|kontakt(?:person)?|melder(?:in)?|anrufer(?:in)?|absender"
    r"|gemeldet von|antragsteller(?:in)?|besteller(?:in)?|vor- und nachname|name, vorname|kunde"
    r"|kundin"
    r"|nom|nom et prénom|prénom et nom|nom complet|nom du contact|interlocut(?:eur|rice)"
    r"|demandeu(?:r|se)|contact client|appelant(?:e)?|signalé par"
    r"|nombre|nombre y apellidos?|nombre completo|contacto|persona de contacto|solicitante"
    r"|interlocutor(?:a)?|remitente|habla|llama|quién)$",
    re.IGNORECASE,
)
_PEOPLE = re.compile(
    r"(?:attendees?|in the room|on the (?:phone|call)|in person|remote|dabei|vor ort|am telefon"
    r"|sur place|en ligne|en sala|in attendance|who|people|names?|gesprächspartner(?:in)?(?:nen)?"
    r"|participants?|present|attending|invited|required|optional|anwesend(?:e)?"
    r"|teilnehmer(?:innen|in)?(?:/-?innen)?|teilnehmende|eingeladen|beteiligte"
    r"|présents?|participants?|invités?|asistentes|participantes|presentes|invitados|contacts"
    r"|kontakte|contactos|apologies|absent|entschuldigt|excusés?|ausentes|disculpan)$",
    re.IGNORECASE,
)
_FIRST = re.compile(
    r"(?:first ?name|given ?name|forename|vorname|prénom|nombre(?: de pila)?)$", re.IGNORECASE
)
_LAST = re.compile(
    r"(?:last ?name|family ?name|surname|nachname|familienname|zuname|nom(?: de famille)?"
    r"|apellidos?)$",
    re.IGNORECASE,
)
_COMPANY = re.compile(
    r"(?:(?:your|ihre?|votre|su|tu|customer|client|kunden)[\s-]?)?(?:company(?: name)?"
    r"|organi[sz]ation|organisation|firm|employer|business(?: name)?|account(?: name)?|customer"
    r"|client"
    r"|firma|firmenname|unternehmen|betrieb|arbeitgeber|organisation|institution|kunde|kundin"
    r"|société|entreprise|raison sociale|organisme|établissement|compte|structure"
    r"|empresa|compañía|razón social|organización|cliente|entidad|cuenta)$",
    re.IGNORECASE,
)
_TITLE = re.compile(
    r"(?:(?:your|ihre?|votre|su|tu)[\s-]?)?(?:job ?title|title|position|role|function|job"
    r"|funktion|rolle|stelle|position|beruf|tätigkeit|abteilung/funktion"
    r"|fonction|poste|rôle|titre|profession|cargo|puesto|función|rol|ocupación)$",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"(?:(?:postal|business|billing|delivery|shipping|office|company|street|mailing|your"
    r"|rechnungs|liefer|post|geschäfts|firmen)?[\s-]?(?:address|anschrift|adresse)"
    r"|adresse(?: postale| de facturation| de livraison)?|dirección(?: postal| de facturación"
    r"| de envío)?|domicilio|direccion|addr|sitz)$",
    re.IGNORECASE,
)
_STREET = re.compile(
    r"(?:street(?: and (?:no|number))?|straße(?:[ ,/]+(?:und )?(?:hausnummer|nr\.?))?"
    r"|strasse(?:.{0,14})?|rue|calle|n° et rue)$",
    re.IGNORECASE,
)
_TOWN = re.compile(
    r"(?:(?:zip|plz|postcode|post ?code|postal ?code|code postal|código postal|cp|city|town|ort"
    r"|stadt|ville|ciudad|localidad|wohnort|zip/city|plz[ /,]+ort|city/zip"
    r"|code postal[ /,]+ville|country|land|pays|país))$",
    re.IGNORECASE,
)
_TICKED = re.compile(
    r"[\[(][xXoO✓✔*•●][\])]\s*(?P<option>[^\[\]()\n]{1,60}?)(?=\s*(?:[\[(][ xX✓✔_]?[\])]|\s{2,}"
    r"|$))",
    re.MULTILINE,
)
_DIGIT = re.compile(r"\d")
_ITEM = re.compile(r"\s*(?:[-*•·–]\s+|\d{1,2}[.)]\s+)?(?=[^\W\d_])")
_EITHER = ("kunde", "kundin", "customer", "client", "cliente", "account")
_LIMIT = 20_000
MAX_ITEM = 80  # characters of a line with one person
_TITLE_IN = re.compile(
    r"\b(?:job|title|position|role|funktion|rolle|fonction|poste|cargo|puesto)\b", re.IGNORECASE
)
_COMPANY_IN = re.compile(
    r"\b(?:company|organi[sz]ation|firma|unternehmen|société|entreprise"
    r"|empresa)\b(?!.*\b(?:size|id|no|number"
    r"|nr|vat|address|website|phone|email|type|typ|register|since)\b)",
    re.IGNORECASE,
)
_ONE_OF = re.compile(
    r"\s*(?:(?:and|und|et|y|e|&|sowie)\s+)?(?P<name>[^\W\d_](?:(?!\s(?:and|und|et|y|sowie"
    r"|&)\s)[^,;/()\n]){1,60})"
    r"(?:\((?P<in>[^()\n]{1,60})\))?"
)
_EMPTY = re.compile(
    r"[\W_]*(?:\(?(?:leer|empty|left empty|none|n/?a|k\.? ?a\.?|keine(?: angabe)?|not given"
    r"|not provided|unknown|unbekannt|vide|aucun|néant|non renseigné|vacío|ninguno|no indicado"
    r"|-+|–|\?+)\)?)?[\W_]*$",
    re.IGNORECASE,
)


def read_lists(sheet: Sheet, segment: Segment) -> None:
    """Adds people who stand one a line below a label: "Attendees:"."""
    own = sheet.own(segment.message)
    at = segment.start
    label = ""
    for line in sheet.text[segment.start : min(segment.end, segment.start + _LIMIT)].splitlines(
        True
    ):
        words = line.strip()
        said = words.lower().rstrip(" :")
        if _PEOPLE.match(said):
            label = said
        elif label and words and (found := _ITEM.match(line)) and len(words) <= MAX_ITEM:
            begin = at + found.end()
            _people(sheet, Span(begin, at + len(line.rstrip())), f"{own}form {label}", least=1)
        elif words:
            label = ""
        at += len(line)


def read_form(sheet: Sheet, segment: Segment) -> None:
    """Adds people, companies, positions and addresses that a form's lines name."""
    fields = form_fields(sheet.text, segment.start, segment.end)
    own = sheet.own(segment.message)
    for _, row in groupby(fields, key=lambda one: one.row):
        _read_row(sheet, list(row), own=own)


def _read_row(sheet: Sheet, fields: list[FormField], *, own: str) -> None:
    labels = [_label(sheet, one) for one in fields]
    first = next((at for at, one in enumerate(labels) if _FIRST.match(one)), None)
    last = next((at for at, one in enumerate(labels) if _LAST.match(one)), None)
    joined: set[int] = set()
    if (
        first is not None
        and last is not None
        and first != last
        and _join(sheet, fields, first, last, own)
    ):
        joined = {first, last}
    for at, (one, label) in enumerate(zip(fields, labels, strict=True)):
        value = sheet.reading.quote(one.value)
        if at in joined or _EMPTY.match(value) or len(value) > 200:
            continue
        _read_field(sheet, one, label, own=own)
    _read_address(sheet, fields, labels, own=own)


def _label(sheet: Sheet, one: FormField) -> str:
    words = " ".join((one.name or sheet.reading.quote(one.label)).lower().split())
    return re.sub(r"\s?\([^()]*\)$", "", words).rstrip("?.*: ").replace("’", "'")


def _read_field(sheet: Sheet, one: FormField, label: str, *, own: str) -> None:
    one = _ticked(sheet, one)
    value = sheet.reading.quote(one.value)
    if _PERSON.match(label) and sheet.person(
        one.value, sure=0.93, label=f"{own}form {label}", loose=_is_short(value)
    ):
        return
    if _PEOPLE.match(label):
        _people(sheet, one.value, f"{own}form {label}")
    elif _COMPANY_IN.search(label) or (
        _COMPANY.match(label) and not (label in _EITHER and looks_like_name(value))
    ):
        sheet.add(
            CandidateKind.COMPANY,
            _first_part(sheet, one.value),
            sure=0.95,
            label=f"{own}form {label}",
        )
    elif _TITLE.match(label) or (_TITLE_IN.search(label) and looks_like_trade(value)):
        if not HONORIFIC.match(value):
            sheet.add(
                CandidateKind.JOB_TITLE,
                _first_part(sheet, one.value),
                sure=0.9,
                label=f"{own}form {label}",
            )
    elif looks_like_trade(label) or is_office(label):
        _of_office(sheet, one, own=own)
    elif _ADDRESS.match(label) and "@" not in value and ("," in value or _DIGIT.search(value)):
        sheet.add(
            CandidateKind.ADDRESS,
            one.value,
            sure=0.93,
            label=f"{own}form {label}",
            value=one_line(value),
        )


def _of_office(sheet: Sheet, one: FormField, *, own: str) -> None:
    """ "Projektleitung: Ida Roth, ida@roth.example": who holds an office."""
    value = sheet.reading.quote(one.value)
    name = re.split(r"[,;(|<]|\s[-–—·]\s", value, maxsplit=1)[0].rstrip()
    if " " not in name or side_of(sheet.reading.quote(one.label)) == "own":
        return
    label = f"{own}form {_label(sheet, one)}"
    if sheet.person(Span(one.value.start, one.value.start + len(name)), sure=0.85, label=label):
        sheet.add(CandidateKind.JOB_TITLE, one.label, sure=0.85, label=label)


def _ticked(sheet: Sheet, one: FormField) -> FormField:
    """A field whose value is the option that was ticked: "[ ] Buyer  [x] IT"."""
    found = _TICKED.search(sheet.text, one.value.start, one.value.end)
    if not found:
        return one
    return replace(one, value=Span(found.start("option"), found.end("option")))


def _is_short(value: str) -> bool:
    return len(value.split()) <= 4 and not any(char.isdigit() or char in "@:;" for char in value)


def _first_part(sheet: Sheet, span: Span) -> Span:
    """A company's name without what is said about it in brackets."""
    value = sheet.reading.quote(span)
    cut = re.search(r"\s+[(\[|]|\s{3,}", value)
    return Span(span.start, span.start + cut.start()) if cut and cut.start() > 1 else span


def _people(sheet: Sheet, span: Span, label: str, *, least: int = 0) -> None:
    """Several names, with what they do in brackets; only the first ``least``, if that is given."""
    for number, found in enumerate(_ONE_OF.finditer(sheet.text, span.start, span.end)):
        if least and number >= least:
            return
        name = Span(found.start("name"), found.end("name"))
        if not sheet.person(name, sure=0.9, label=label) or not found["in"]:
            continue
        if looks_like_trade(found["in"]) or is_office(found["in"]):
            held = Span(found.start("in"), found.end("in"))
            sheet.add(CandidateKind.JOB_TITLE, held, sure=0.88, label=label)


def _join(sheet: Sheet, fields: list[FormField], first: int, last: int, own: str) -> bool:
    """First and last name on lines of their own are one name."""
    given, family = (sheet.reading.quote(fields[at].value) for at in (first, last))
    if _EMPTY.match(given) or _EMPTY.match(family) or abs(first - last) > 2:
        return False
    value = name_value(f"{given} {family}")
    if not looks_like_name(value, loose=True):
        return False
    early, late = sorted((fields[first], fields[last]), key=lambda one: one.value.start)
    span = Span(early.place.start, late.value.end)
    sheet.add(CandidateKind.PERSON, span, sure=0.95, label=f"{own}form name", value=value)
    return True


def _read_address(sheet: Sheet, fields: list[FormField], labels: list[str], *, own: str) -> None:
    """Street, postcode and town on lines of their own are one address."""
    for at, label in enumerate(labels):
        if not _STREET.match(label) or _EMPTY.match(sheet.reading.quote(fields[at].value)):
            continue
        last = at
        while last + 1 < len(labels) and _TOWN.match(labels[last + 1]):
            last += 1
        if last == at:
            continue
        parts = [sheet.reading.quote(one.value) for one in fields[at : last + 1]]
        value = ", ".join(part for part in parts if not _EMPTY.match(part))
        span = Span(fields[at].value.start, fields[last].value.end)
        sheet.add(CandidateKind.ADDRESS, span, sure=0.93, label=f"{own}form address", value=value)
