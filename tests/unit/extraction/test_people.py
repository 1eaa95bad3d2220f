"""Who is who: people, companies, positions and addresses, where structure or wording shows them."""

from __future__ import annotations

import pytest

from copilot.extracted import SourceText
from copilot.extraction.candidates import Candidate, CandidateKind
from copilot.extraction.people import find_people
from copilot.extraction.texts import read

PERSON, COMPANY = CandidateKind.PERSON, CandidateKind.COMPANY
HEAD = "From: {0}\nTo: support@ours.example\nSubject: Export\n\nIt hangs at 40 percent.\n\n"


def found(text: str) -> list[Candidate]:
    source = SourceText(name="x", text=text, digest="")
    candidates = find_people(read(source, own_domains=("ours.example",)))
    assert all(0 <= one.start < one.end <= len(text) for one in candidates)
    return candidates


def values(text: str, kind: CandidateKind, *, least: float = 0.6) -> set[str]:
    return {
        str(one.value)
        for one in found(text)
        if one.kind is kind and one.confidence >= least and not one.label.startswith("own ")
    }


def people(text: str) -> set[str]:
    return values(text, CandidateKind.PERSON)


def companies(text: str) -> set[str]:
    return values(text, CandidateKind.COMPANY)


@pytest.mark.parametrize(
    ("shown", "name"),
    [
        ("Ana Gómez <ana@acme.example>", "Ana Gómez"),
        ('"Gómez, Ana (IT)" <ana@acme.example>', "Ana Gómez"),
        ("GÓMEZ Ana <ana@acme.example>", "Ana Gómez"),
        ('"Lic. Ana Gómez" <ana@acme.example>', "Ana Gómez"),
        ("Ana Gómez via Helpdesk <list@acme.example>", "Ana Gómez"),
        ("ana@acme.example (Ana Gómez)", "Ana Gómez"),
        ("Ana Gómez | Acme GmbH <ana@acme.example>", "Ana Gómez"),
        ("Ludwig van Beek <l@acme.example>", "Ludwig van Beek"),
        ("Seán O'Brien-Kane <s@acme.example>", "Seán O'Brien-Kane"),
        ("merche <m@acme.example>", "merche"),
    ],
)
def test_a_header_names_its_sender_in_one_form(shown: str, name: str) -> None:
    (sender,) = [one for one in found(HEAD.format(shown)) if one.label == "header from"][:1]
    assert (sender.kind, sender.value) == (CandidateKind.PERSON, name)


@pytest.mark.parametrize(
    "shown",
    ["support@acme.example", "Acme Support <s@acme.example>", "IT Service Desk <it@acme.example>"],
)
def test_a_mailbox_is_nobody(shown: str) -> None:
    assert people(HEAD.format(shown)) == set()


SIGNATURES = [
    (
        "Kind regards,\nAna Gómez\nHead of Logistics\nAcme Foods Ltd\n"
        "14 Station Road, Leeds, LS1 4DY\n"
        "T 0113 496 0000",
        ("Ana Gómez", "Head of Logistics", "Acme Foods Ltd", "14 Station Road, Leeds, LS1 4DY"),
    ),
    (
        "Mit freundlichen Grüßen\ni. A. Ana Gómez\nLeiterin Einkauf\n\n"
        "Acme Feinkost GmbH & Co. KG\n"
        "Werftstr. 12\n24939 Flensburg\nTel. 0461 0000",
        (
            "Ana Gómez",
            "Leiterin Einkauf",
            "Acme Feinkost GmbH & Co. KG",
            "Werftstr. 12, 24939 Flensburg",
        ),
    ),
    (
        "Cordialement,\nAna GÓMEZ\nResponsable comptable\n"
        "Acme Primeurs SARL – 12 bis, rue du Puits, "
        "21000 Dijon\nTél. : 03 80 00 00 00",
        (
            "Ana Gómez",
            "Responsable comptable",
            "Acme Primeurs SARL",
            "12 bis, rue du Puits, 21000 Dijon",
        ),
    ),
    (
        "Un saludo,\nAna Gómez\nJefa de compras | Acme, S.L.\nC/ Alfonso I, 22, 50003 Zaragoza",
        ("Ana Gómez", "Jefa de compras", "Acme, S.L.", "C/ Alfonso I, 22, 50003 Zaragoza"),
    ),
    (
        "Best\nAna Gómez\nVP Sales, Acme Logistics, Inc.\n200 Harbor Blvd, Suite 310\n"
        "Oakland, CA 94607",
        (
            "Ana Gómez",
            "VP Sales",
            "Acme Logistics, Inc.",
            "200 Harbor Blvd, Suite 310, Oakland, CA 94607",
        ),
    ),
    (
        "Grüsse\nAna Gómez · Disponentin · Acme AG · Hafenstrasse 5 · 8008 Zürich",
        ("Ana Gómez", "Disponentin", "Acme AG", "Hafenstrasse 5, 8008 Zürich"),
    ),
]


@pytest.mark.parametrize(("signature", "said"), SIGNATURES)
def test_a_signature_says_who_what_for_whom_and_where(
    signature: str, said: tuple[str, str, str, str]
) -> None:
    text = f"{HEAD.format('ana@mail.example')}{signature}\n"
    for kind, value in zip(
        (
            CandidateKind.PERSON,
            CandidateKind.JOB_TITLE,
            CandidateKind.COMPANY,
            CandidateKind.ADDRESS,
        ),
        said,
        strict=True,
    ):
        assert value in values(text, kind)


@pytest.mark.parametrize(
    ("signature", "company"),
    [
        ("Ana Gómez\nHarbor Light Interiors\n+34 910 00 00 27", "Harbor Light Interiors"),
        ("Best,\nAna (Thornquay Cash & Carry)", "Thornquay Cash & Carry"),
        ("Best,\nAna Gómez, Webster & Kline Architects", "Webster & Kline Architects"),
        ("Ana Gómez - Buyer - Quinta Verde", "Quinta Verde"),
        ("developer @ Dekker Olie & Azijn", "Dekker Olie & Azijn"),
    ],
)
def test_a_company_needs_no_legal_form_in_a_signature(signature: str, company: str) -> None:
    text = f"{HEAD.format('Ana Gómez <ana@dekkerolie.example>')}Best\n{signature}\n"
    assert company in companies(text)


@pytest.mark.parametrize(
    ("signature", "company"),
    [
        ("Ana Gómez, Marlow Green Foods, 01632 960123", "Marlow Green Foods"),
        ("Ana Gómez\nResp. qualité – Vergers Duval", "Vergers Duval"),
        ("Ana Gómez\nPlatform Engineer Marlow Green", "Marlow Green"),
        ("Ana Gómez\nMarlow de cerámica", "Marlow de cerámica"),
    ],
)
def test_a_company_is_told_from_what_stands_beside_it(signature: str, company: str) -> None:
    head = HEAD.format("Ana Gómez <ana@marlow.example>")
    assert company in companies(f"{head}Best\n{signature}\n")


def test_contact_data_within_a_body_are_read_like_a_card() -> None:
    text = (
        "Hola, te paso los datos, que me los pediste ayer por la tarde:\n\nMaite Lasa\n"
        "Responsable de compras\nCalle Cobre s/n, 30369 Cartagena\nTel. 968 00 00 00\n\nUn abrazo\n"
    )
    assert "Maite Lasa" in people(text)
    assert values(text, CandidateKind.JOB_TITLE) == {"Responsable de compras"}
    assert values(text, CandidateKind.ADDRESS) == {"Calle Cobre s/n, 30369 Cartagena"}


def test_the_ticked_option_is_the_value() -> None:
    form = "Name: Ana Gómez\nYour role: [ ] Buyer  [x] Director  [ ] Other\nCompany: Acme\n"
    assert values(form, CandidateKind.JOB_TITLE) == {"Director"}


def test_a_mail_domain_tells_the_company_in_the_text() -> None:
    text = HEAD.format("Ana <ana@halles-erdre.example>") + "We are Halles de l'Erdre in Nantes.\n"
    assert "Halles de l'Erdre" in companies(text)
    other = HEAD.format("Ana <ana@gmail.com>") + "I use Gmail and Chrome all day.\n"
    assert companies(other) == set()


INTRODUCTIONS = [
    "Hi, {0} here from {1}.",
    "Hello, it's {0} at {1}, we have a problem.",
    "My name is {0} and I'm calling from {1} in Leeds.",
    "I'm {0}, the operations manager at {1}.",
    "{0} from {1} here, the app is down.",
    "Guten Tag, hier spricht {0} von der {1}.",
    "Hallo, mein Name ist {0}, ich rufe an von der Firma {1}.",
    "{0}, {1}, guten Tag. Es geht um Ihr Angebot.",
    "Guten Morgen, {0} am Apparat, {1}. Es geht um das Angebot.",
    "je suis {0}, responsable achats chez {1}.",
    "C'est {0} de chez {1} à l'appareil.",
    "Bonjour, je m'appelle {0} et je travaille pour {1}.",
    "Hola, soy {0}, de {1}.",
    "le habla {0}, de la empresa {1}.",
    "mi nombre es {0} y llamo de {1}.",
    "Call with {0} ({1}) on Monday.",
    "Telefonat mit {0} ({1}) am 3.11.",
    "Appel de {0} ({1}) ce matin.",
    "Hablé con {0}, jefa de compras de {1}.",
    "Request from {0}, {1}: please add a filter.",
]


@pytest.mark.parametrize("sentence", INTRODUCTIONS)
def test_people_say_who_they_are_and_whom_they_work_for(sentence: str) -> None:
    text = sentence.format("Elena Campos", "Marlow Dairies") + "\n"
    assert "Elena Campos" in people(text)
    assert "Marlow Dairies" in companies(text)


@pytest.mark.parametrize(
    ("asked", "answered", "kind", "value"),
    [
        ("May I have your name?", "Yes, it's Terrence Boyd.", PERSON, "Terrence Boyd"),
        ("¿Me dice su nombre?", "Sí, cómo no, Hernán Rey.", PERSON, "Hernán Rey"),
        ("Wie ist Ihr Name?", "Roloff. Anja Roloff.", PERSON, "Anja Roloff"),
        ("Votre nom ?", "Oui, Karim Belhadj.", PERSON, "Karim Belhadj"),
        ("Which company is that?", "Uh, Pinewood Supplies.", COMPANY, "Pinewood Supplies"),
        ("¿De qué empresa?", "De Frigorífico Manso. Sí.", COMPANY, "Frigorífico Manso"),
        ("Vous êtes bien chez Halles Sud ?", "oui oui", COMPANY, "Halles Sud"),
    ],
)
def test_callers_answer_with_their_name_and_company(
    asked: str, answered: str, kind: CandidateKind, value: str
) -> None:
    text = f"AGENT: Hello, how can I help?\nCALLER: It hangs.\nAGENT: {asked}\nCALLER: {answered}\n"
    reading = read(SourceText(name="x", text=text, digest=""))
    assert value in {one.value for one in find_people(reading) if one.kind is kind}


FORMS = [
    ("Your name ..... Ana Gómez\nCompany ....... Acme GmbH\nRole .......... Buyer\n", "Ana Gómez"),
    ("Vorname:   Ana\nNachname:  Gómez\nFirma:     Acme GmbH\nFunktion:  Buyer\n", "Ana Gómez"),
    ("Prénom : Ana\nNom : Gómez\nSociété : Acme GmbH\nFonction : Buyer\n", "Ana Gómez"),
    ("Nombre: Ana\nApellidos: Gómez\nEmpresa: Acme GmbH\nCargo: Buyer\n", "Ana Gómez"),
    ("| Requested by | Ana Gómez |\n| Company | Acme GmbH |\n| Job title | Buyer |\n", "Ana Gómez"),
    ("First name:\nAna\n\nLast name:\nGómez\n\nCompany:\nAcme GmbH\n\nRole:\nBuyer\n", "Ana Gómez"),
]


@pytest.mark.parametrize(("form", "name"), FORMS)
def test_a_form_s_labels_tell_what_its_values_are(form: str, name: str) -> None:
    assert people(form) == {name}
    assert companies(form) == {"Acme GmbH"}
    assert values(form, CandidateKind.JOB_TITLE) == {"Buyer"}


def test_what_a_form_leaves_empty_is_nobody() -> None:
    form = "Name: (leer)\nCompany: -\nRole: n/a\nContact: unknown\nAddress: none\n"
    assert found(form) == []


def test_a_note_lists_contacts_with_their_positions() -> None:
    text = (
        "Visit Harlow & Finch Interiors, 3 Nov\n* Beatrix Harlow - owner. Mobile 07700 900644\n"
        '* her daughter Ottilie Harlow, "commercial manager" since the summer\n'
        "* Bartosz Nowik, IT, Tuesdays only. bartosz@harlowfinch.example\n"
    )
    assert people(text) == {"Beatrix Harlow", "Ottilie Harlow", "Bartosz Nowik"}
    assert values(text, CandidateKind.JOB_TITLE) == {"owner", "commercial manager", "IT"}
    assert companies(text) == {"Harlow & Finch Interiors"}


@pytest.mark.parametrize(
    ("sentence", "title", "company"),
    [
        ("I am the operations manager at Marlow Dairies.", "operations manager", "Marlow Dairies"),
        ("Ich bin Einkaufsleiterin bei der Molkerei Süd.", "Einkaufsleiterin", "Molkerei Süd"),
        ("Je suis la comptable de la société Imprim Valmont.", "comptable", "Imprim Valmont"),
        ("Soy la gerente de Viveros El Ceibo.", "gerente", "Viveros El Ceibo"),
    ],
)
def test_people_tell_their_position_without_their_name(
    sentence: str, title: str, company: str
) -> None:
    assert title in values(sentence, CandidateKind.JOB_TITLE)
    assert company in companies(sentence)


def test_their_buyer_is_known_by_the_position_before_the_name() -> None:
    text = "Rhys met their buyer, Joanna Speight, on Friday. She decides by 30 Nov.\n"
    assert people(text) == {"Joanna Speight"}
    assert values(text, CandidateKind.JOB_TITLE) == {"buyer"}


def test_a_colleague_of_the_team_is_not_who_asks() -> None:
    text = "Votre collègue M. Dufresne avait traité le dossier. Your colleague Amara was kind.\n"
    assert people(text) == set()


def test_people_may_be_listed_below_a_label() -> None:
    text = "Acta\n\nAsistentes:\n- Lucía Ferrer\n- Javier Sanz (CTO)\n\nPróxima: 11/11\n"
    assert people(text) == {"Lucía Ferrer", "Javier Sanz"}


def test_those_present_are_people_and_not_companies() -> None:
    text = (
        "Minutes, 4 Nov 2026\nAttendees: Grace Lyle, Dmitri Antonov (CTO) and Wei Zhang\n"
        "Apologies: Sue Marsh\nPlace: room Anvil\n"
    )
    assert people(text) == {"Grace Lyle", "Dmitri Antonov", "Wei Zhang", "Sue Marsh"}
    assert "CTO" in values(text, CandidateKind.JOB_TITLE)


@pytest.mark.parametrize(
    ("line", "address"),
    [
        ("They are at 11 Staithe Road, Norwich NR1 1ZZ, and", "11 Staithe Road, Norwich NR1 1ZZ"),
        ("Wir sitzen am Seeweg 7, 82319 Starnberg, im Hof.", "Seeweg 7, 82319 Starnberg"),
        ("Adresse : 8 quai Perrière, 74000 Annecy\n", "8 quai Perrière, 74000 Annecy"),
        (
            "Estamos en Calle Mayor 12, 3º B, 31001 Pamplona.",
            "Calle Mayor 12, 3º B, 31001 Pamplona",
        ),
        ("We moved to 4 Pine Street, Portland, OR 97201 now.", "4 Pine Street, Portland, OR 97201"),
    ],
)
def test_an_address_is_found_within_a_sentence(line: str, address: str) -> None:
    assert address in values(line, CandidateKind.ADDRESS)


@pytest.mark.parametrize(
    "text",
    [
        "Seit dem Update zeigt die Bestellmaske keine Preise, und der Drucker im Lager Nord steht.",
        "Bitte prüfen Sie Rechnung und Mahnung, Zeile 412, Spalte 7. Die Offenen Posten fehlen.",
        "Der Import bricht ab. Artikelstammdaten Nordlager und Preisliste Winter sind betroffen.",
        "Since Monday Windows Update and Google Chrome fail on the Third Floor.",
        "We paid 12500 EUR for 24000 labels, see Invoice Archive and Reports Centre.",
        "Depuis lundi Microsoft Outlook affiche une erreur. Merci de regarder.",
        "Error AUT-3007 Access Denied. Please Contact Your Administrator.",
    ],
)
def test_capital_letters_alone_name_nobody(text: str) -> None:
    assert [one for one in found(text) if one.confidence >= 0.6] == []


def test_the_team_s_own_people_are_marked() -> None:
    text = (
        "From: Ana Gómez <ana@acme.example>\nTo: Lea Kern <lea@ours.example>\n"
        "Subject: Re: Export\n\n"
        "It hangs.\n\nOn 5 Nov 2026 at 10:00, Lea Kern <lea@ours.example> wrote:\n> Hi Ana,\n>\n"
        "> try again.\n>\n> Lea Kern\n> Head of Support, Ours Ltd\n"
    )
    assert people(text) == {"Ana Gómez"}
    assert companies(text) == set()
    own = {one.value for one in found(text) if one.label.startswith("own ")}
    assert {"Lea Kern", "Ours Ltd"} <= own


def test_a_business_card_is_read_whole() -> None:
    text = (
        "ROWENA ACHEBE-STOTT, MSc\nHead of Logistics\nKESTREL COLD CHAIN, INC.\n+1 (206) 555-0143\n"
        "rowena@kestrelcold.example\n"
    )
    assert people(text) == {"Rowena Achebe-Stott"}
    assert companies(text) == {"KESTREL COLD CHAIN, INC."}
    assert values(text, CandidateKind.JOB_TITLE) == {"Head of Logistics"}


@pytest.mark.parametrize(
    "text",
    [
        "Met Orla Fenn (Head of Purchasing, Fenland Foods Ltd). Write to fenn@fenland.example",
        "Voicemail Orla Fenn. She asks for a quote: fenn@fenland.example",
        "Llamada\nReunión Orla Fenn, fenn@fenland.example",
    ],
)
def test_a_name_does_not_take_the_words_before_it(text: str) -> None:
    assert people(text) == {"Orla Fenn"}


def test_a_department_that_somebody_heads_is_no_company() -> None:
    text = "Note\nMet Orla Fenn (Head of Purchasing) in Leeds. She wants a demo."
    assert not companies(text)
    assert values(text, CandidateKind.JOB_TITLE) == {"Head of Purchasing"}


@pytest.mark.parametrize(
    ("text", "company"),
    [
        ("De Frigorífico Martín S.A. nos llamaron ayer, no funciona.", "Frigorífico Martín S.A."),
        ("Die Fruchthof GmbH wartet noch auf die Rechnung.", "Fruchthof GmbH"),
        ("La Boqueria S.L. nos llamó ayer y no funciona.", "La Boqueria S.L."),
        ("The order of De Groot B.V. is late and they are not amused.", "De Groot B.V."),
        ("Notas\n\nLlamada\nDe Frigorífico Martín\nquieren EDI", "Frigorífico Martín"),
    ],
)
def test_a_company_begins_behind_the_words_of_its_sentence(text: str, company: str) -> None:
    assert companies(text) == {company}


@pytest.mark.parametrize(
    "text",
    [
        "Constance Pellworth - call 4 Nov\nWants a demo of EDI.",
        "Constance Pellworth / 4 Nov\nDemo of EDI. Constance Pellworth asks for a quote.",
    ],
)
def test_a_heading_that_names_a_person_names_no_company(text: str) -> None:
    assert people(text) == {"Constance Pellworth"}
    assert not companies(text)


def test_who_left_a_voicemail_is_no_company() -> None:
    text = "Voicemail Rhys - Tue 9:40\nRhys Morgan from Brecon Dairy called about the export."
    assert companies(text) == {"Brecon Dairy"}


@pytest.mark.parametrize("line", ["Luzern", "Lyon, France", "DW 14", "Durchwahl 14", "ext. 204"])
def test_a_town_or_an_extension_below_a_position_is_no_company(line: str) -> None:
    text = HEAD.format("Rolf Gerber <r@mail.example>") + f"Regards\nRolf Gerber\nBuyer\n{line}\n"
    assert not [one for one in found(text) if one.kind is CandidateKind.COMPANY]


def test_a_department_before_a_company_is_not_part_of_its_name() -> None:
    text = HEAD.format("Dana Price <d@mail.example>") + (
        "Regards\nDana Price\nERP & Integration, Barrowgate Foods Ltd\n"
    )
    assert companies(text) == {"Barrowgate Foods Ltd"}
    assert values(text, CandidateKind.JOB_TITLE) == {"ERP & Integration"}
