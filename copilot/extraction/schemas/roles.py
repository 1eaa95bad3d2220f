"""Tells what a field means where its schema doesn't say: by name, format and siblings.

Invariant: conservative; a field is TEXT, or CHOICE if it has choices, unless its name can hardly
mean anything else, in English, German, French or Spanish.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from copilot.schemas import FieldRole, JsonType

Role = FieldRole


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a role is inferred from. ``siblings``: the names of all fields beside it."""

    path: tuple[str, ...]
    type: JsonType
    description: str = ""
    format: str = ""
    choices: tuple[str, ...] = ()
    siblings: tuple[str, ...] = ()


_BY_FORMAT = {
    "email": Role.PERSON_EMAIL,
    "idn-email": Role.PERSON_EMAIL,
    "uri": Role.URL,
    "url": Role.URL,
    "iri": Role.URL,
}
# of whom a record is about, and nobody else's
_PERSON = frozenset(
    "contact customer client requester reporter caller sender author person user employee guest"
    " kunde kundin ansprechpartner ansprechpartnerin melder anrufer absender kontakt"
    " demandeur contacto cliente solicitante remitente persona usuario".split()
)
_WHOLE: dict[str, Role] = {
    name: role
    for names, role in (
        (
            "email e_mail mail email_address e_mail_address mail_address mail_adresse emailadresse"
            " e_mail_adresse courriel adresse_mail adresse_e_mail adresse_courriel correo"
            " correo_electronico direccion_de_correo",
            Role.PERSON_EMAIL,
        ),
        (
            "phone telephone tel phone_number telephone_number telefon telefonnummer rufnummer"
            " numero_de_telephone telefono numero_de_telefono",
            Role.PERSON_PHONE,
        ),
        (
            "mobile mobile_phone mobile_number cell_phone cellphone handy handynummer"
            " mobilnummer mobiltelefon telephone_portable movil celular telefono_movil",
            Role.PERSON_MOBILE,
        ),
        (
            "full_name first_and_last_name vor_und_nachname vollstaendiger_name nom_complet"
            " nom_et_prenom nombre_completo nombre_y_apellidos requester_name reporter_name",
            Role.PERSON_NAME,
        ),
        ("attendees participants teilnehmer teilnehmende asistentes", Role.PERSON_NAMES),
        (
            "company company_name organisation organization employer firma unternehmen"
            " firmenname entreprise societe empresa compania",
            Role.COMPANY,
        ),
        (
            "job_title position_title berufsbezeichnung stellenbezeichnung intitule_du_poste"
            " puesto",
            Role.JOB_TITLE,
        ),
        (
            "address street_address postal_address mailing_address anschrift postanschrift"
            " adresse_postale direccion direccion_postal",
            Role.ADDRESS,
        ),
        ("language sprache langue idioma", Role.LANGUAGE),
        ("product product_name produkt produktname produit producto", Role.PRODUCT),
        ("component komponente composant componente", Role.COMPONENT),
        ("competitor wettbewerber concurrent competidor", Role.COMPETITOR),
        ("version product_version software_version app_version", Role.VERSION),
        (
            "error_code fehlercode code_erreur code_d_erreur codigo_de_error codigo_error",
            Role.ERROR_CODE,
        ),
        (
            "reference reference_number order_number order_no order_id invoice_number invoice_no"
            " ticket_number case_number customer_number bestellnummer rechnungsnummer"
            " auftragsnummer kundennummer vorgangsnummer aktenzeichen numero_de_commande"
            " numero_de_facture numero_de_pedido numero_de_factura numero_pedido numero_factura",
            Role.REFERENCE,
        ),
        ("url link website web_site webseite site_web sitio_web enlace homepage", Role.URL),
        (
            "due due_date deadline faellig faelligkeit faellig_am frist termin_bis echeance"
            " date_echeance date_d_echeance date_limite vencimiento fecha_de_vencimiento"
            " fecha_vencimiento fecha_limite",
            Role.DUE_DATE,
        ),
        (
            "close_date closing_date abschlussdatum date_de_cloture fecha_de_cierre",
            Role.CLOSE_DATE,
        ),
        ("meeting_date besprechungstermin date_de_reunion fecha_de_reunion", Role.MEETING_DATE),
        ("start_time startzeit beginn heure_de_debut hora_de_inicio", Role.START_TIME),
        ("end_time endzeit heure_de_fin hora_de_fin", Role.END_TIME),
        ("time_zone timezone zeitzone fuseau_horaire zona_horaria", Role.TIME_ZONE),
        ("occurred_at occurred happened_at incident_date", Role.OCCURRED_AT),
        ("started_at", Role.STARTED_AT),
        ("detected_at", Role.DETECTED_AT),
        ("resolved_at", Role.RESOLVED_AT),
        (
            "amount total total_amount total_price price cost sum betrag gesamtbetrag summe preis"
            " rechnungsbetrag kosten montant montant_total prix cout importe importe_total monto"
            " precio coste",
            Role.AMOUNT,
        ),
        ("currency waehrung devise monnaie moneda divisa", Role.CURRENCY),
        (
            "percent percentage prozent prozentsatz pourcentage porcentaje probability"
            " wahrscheinlichkeit probabilite probabilidad",
            Role.PERCENT,
        ),
        ("count quantity qty seats anzahl menge quantite cantidad", Role.COUNT),
        ("next_step naechster_schritt prochaine_etape proximo_paso", Role.NEXT_STEP),
        ("subject betreff sujet asunto", Role.TITLE),
    )
    for name in names.split()
}
_WITH_CHOICES = {
    "category": Role.CATEGORY,
    "kategorie": Role.CATEGORY,
    "categorie": Role.CATEGORY,
    "categoria": Role.CATEGORY,
    "severity": Role.SEVERITY,
    "priority": Role.SEVERITY,
    "urgency": Role.SEVERITY,
    "schweregrad": Role.SEVERITY,
    "prioritaet": Role.SEVERITY,
    "dringlichkeit": Role.SEVERITY,
    "gravite": Role.SEVERITY,
    "priorite": Role.SEVERITY,
    "urgence": Role.SEVERITY,
    "gravedad": Role.SEVERITY,
    "prioridad": Role.SEVERITY,
    "urgencia": Role.SEVERITY,
    "language": Role.LANGUAGE,
    "sprache": Role.LANGUAGE,
    "langue": Role.LANGUAGE,
    "idioma": Role.LANGUAGE,
}
_DAY = frozenset("date datum fecha day jour dia".split())
_CLOCK = frozenset("time uhrzeit heure hora".split())
# a time that is none of a clock, a day that no message tells of
_SPAN = frozenset("wait waiting response travel delivery lead processing total".split())
_PER = frozenset("per pro par por".split())
_PRICE = frozenset("price cost preis kosten prix precio".split())
# what a category of issues is called; other categories are choices like any other
_ISSUES = frozenset(
    "bug outage incident access billing data question feature feature_request request complaint"
    " technical support account payment fehler ausfall rechnung frage panne facturation error"
    " facturacion pregunta consulta".split()
)
_BIRTH = frozenset("birth birthday geburt geburtsdatum naissance nacimiento".split())
_BY_DESCRIPTION = {
    "E.164": Role.PERSON_PHONE,
    "ISO 4217": Role.CURRENCY,
    "ISO 639": Role.LANGUAGE,
}
_NUMERIC = frozenset({Role.AMOUNT, Role.COUNT, Role.PERCENT})
_NAME = frozenset("name nom nombre".split())
_OF_A_PERSON = frozenset({Role.PERSON_EMAIL, Role.PERSON_PHONE, Role.PERSON_MOBILE, Role.JOB_TITLE})
_UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"}
_MANY_NAMES = frozenset({Role.PERSON_NAMES})


def inferred(leaf: Leaf) -> FieldRole:
    """The role of a field that has no ``x-role``."""
    words = tuple(_words([part for part in leaf.path if part != "[]"][-1]))
    name = "_".join(words)
    if leaf.choices:
        return _of_choices(leaf, name)
    if leaf.type == "boolean" or _BIRTH & set(words):
        return Role.TEXT
    if leaf.type in ("number", "integer"):
        return _of_number(words, name)
    role = _WHOLE.get(name) or _of_whom(words) or _plain_name(words, leaf)
    if leaf.format in ("date", "date-time", "time"):
        return _of_moment(leaf.format, role)
    if leaf.format in _BY_FORMAT:
        return _BY_FORMAT[leaf.format]
    if words[:1] and words[0] in _PRICE and _PER & set(words):
        return Role.AMOUNT
    if role in _MANY_NAMES and "[]" not in leaf.path:
        return Role.TEXT
    if role is not None:
        return role
    for told, meant in _BY_DESCRIPTION.items():
        if told in leaf.description:
            return meant
    return _moment_by_name(words)


def _of_choices(leaf: Leaf, name: str) -> FieldRole:
    role = _WITH_CHOICES.get(name, Role.CHOICE) if leaf.type == "string" else Role.CHOICE
    if role is Role.CATEGORY:
        known = sum("_".join(_words(choice)) in _ISSUES for choice in leaf.choices)
        return role if known >= 2 else Role.CHOICE
    return role


def _of_number(words: tuple[str, ...], name: str) -> FieldRole:
    """A number's role; a number is nobody's e-mail address, whatever its name."""
    role = _WHOLE.get(name)
    if role in _NUMERIC:
        return role
    if words[:2] in (("number", "of"), ("anzahl", "der"), ("nombre", "de"), ("numero", "de")):
        return Role.COUNT
    if "amount" in words or words[-1:] in (("price",), ("betrag",), ("preis",)):
        return Role.AMOUNT
    return Role.TEXT


def _of_moment(form: str, role: FieldRole | None) -> FieldRole:
    """The role of a moment: the one that its name tells, if that is a moment of this form."""
    if form == "time":
        return role if role in (Role.START_TIME, Role.END_TIME) else Role.TIME
    plain = Role.DATE if form == "date" else Role.DATE_TIME
    moments = {
        Role.DUE_DATE,
        Role.CLOSE_DATE,
        Role.MEETING_DATE,
        Role.OCCURRED_AT,
        Role.STARTED_AT,
        Role.DETECTED_AT,
        Role.RESOLVED_AT,
    }
    return role if role in moments else plain


def _of_whom(words: tuple[str, ...]) -> FieldRole | None:
    """``customer_email``: what it is, of one whom a record is about."""
    if len(words) < 2 or words[0] not in _PERSON:
        return None
    rest = "_".join(words[1:])
    if rest in _NAME:
        return Role.PERSON_NAME
    role = _WHOLE.get(rest)
    return role if role in _OF_A_PERSON or role is Role.COMPANY else None


def _plain_name(words: tuple[str, ...], leaf: Leaf) -> FieldRole | None:
    """``name`` alone is a person's where something beside it can be a person's only."""
    if len(words) != 1 or words[0] not in _NAME:
        return None
    parents = [part for part in leaf.path[:-1] if part != "[]"]
    if parents and next(iter(_words(parents[-1])), "") in _PERSON:
        return Role.PERSON_NAME
    beside = {_WHOLE.get("_".join(_words(one))) for one in leaf.siblings}
    return Role.PERSON_NAME if beside & _OF_A_PERSON else None


def _moment_by_name(words: tuple[str, ...]) -> FieldRole:
    """A text field that is called a date or a time, as ``departure_date``."""
    ends = {words[0], words[-1]} if words else set()
    if ends & _DAY and not ends & _CLOCK and not _PER & set(words):
        return Role.DATE
    if words and words[-1] in _CLOCK and not _SPAN & set(words):
        return Role.TIME
    return Role.TEXT


def _words(name: str) -> Iterator[str]:
    """The words of a field's name: ``dueDate``, ``due-date``, ``Fällig am``, lower case, plain."""
    spelt = re.sub("[äöüßÄÖÜ]", lambda found: _UMLAUTS[found[0]], name)
    plain = unicodedata.normalize("NFKD", spelt).encode("ascii", "ignore").decode()
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", plain)
    yield from re.findall(r"[a-z]+|\d+", apart.lower())
