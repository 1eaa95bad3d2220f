"""Telephone numbers, versions, error codes, references and counts, as people write them."""

from __future__ import annotations

import pytest

from copilot.adapters.parsing.dates import DateParserWords
from copilot.adapters.parsing.phones import LibPhoneNumbers
from copilot.extracted import SourceText
from copilot.extraction.candidates import Candidate, CandidateKind
from copilot.extraction.finding.finding import Parsers, find
from copilot.extraction.finding.names import NO_NAMES
from copilot.extraction.reading import Language, Message, Reading, Segment, SegmentKind
from copilot.extraction.texts import read

PARSERS = Parsers(phones=LibPhoneNumbers(), dates=DateParserWords())


def found(
    text: str, kind: CandidateKind, language: Language = "", region: str = ""
) -> list[Candidate]:
    """Candidates of one kind in a text that is one message."""
    reading = Reading(
        source=SourceText(name="t", text=text, digest=""),
        messages=(Message(0, "current", 0, len(text)),),
        segments=(Segment(SegmentKind.BODY, 0, len(text), 0),),
        language=language,
    )
    return find(reading, [kind], names=NO_NAMES, parsers=PARSERS, region=region)


def shown(text: str, kind: CandidateKind, language: Language = "") -> list[tuple[str, object]]:
    """The words and the value of each."""
    return [(text[c.start : c.end], c.value) for c in found(text, kind, language)]


@pytest.mark.parametrize(
    ("text", "language", "value", "label"),
    [
        ("T 01632 960412 | www.a.example", "en", "+441632960412", "phone"),
        ("M 07700 900318", "en", "+447700900318", "mobile"),
        ("m: +44 7700 900482", "en", "+447700900482", "mobile"),
        ("Office +44 20 7946 0573", "en", "+442079460573", "phone"),
        ("Direct line for today: +44 20 7946 0118.", "en", "+442079460118", "direct"),
        ("(206) 555-0102", "en", "+12065550102", ""),
        ("+1 (206) 555-0143", "en", "+12065550143", ""),
        ("+1 555 0140", "en", "+15550140", ""),
        ("Tel. 030 23125-117 · x", "de", "+493023125117", "phone"),
        ("Telefon: 0711 / 553 20-17", "de", "+497115532017", "phone"),
        ("Fax 030 23125-118", "de", "+493023125118", "fax"),
        ("nur handy 0171 39200 84", "de", "+491713920084", "mobile"),
        ("Durchwahl 030 23125 733", "de", "+493023125733", "direct"),
        ("Telefon:           0171 39200 12", "de", "+491713920012", "phone"),
        ("Phone (optional) ..... +49 30 23125417", "en", "+493023125417", "phone"),
        ("Tel. 0041 44 668 18 00", "de", "+41446681800", "phone"),
        ("Tél. : 01 99 00 12 34 – Télécopie", "fr", "+33199001234", "phone"),
        ("– Télécopie : 01 99 00 12 35", "fr", "+33199001235", "fax"),
        ("port. +33 (0)6 39 98 61 40", "fr", "+33639986140", "mobile"),
        ("06.39.98.61.40", "fr", "+33639986140", ""),
        ("appelez moi au 06 39 98 03 77 dès", "fr", "+33639980377", "phone"),
        ("móvil 639 98 61 40", "es", "+34639986140", "mobile"),
        ("tel: 910 00 00 27", "es", "+34910000027", "phone"),
        ("oh seven seven double oh, nine double oh, four one two.", "en", "+447700900412", ""),
        ("null eins sieben eins, drei neun zwei null null, acht vier", "de", "+491713920084", ""),
    ],
)
def test_a_telephone_number_is_read_with_what_it_is_called(
    text: str, language: Language, value: str, label: str
) -> None:
    assert [(c.value, c.label) for c in found(text, CandidateKind.PHONE, language)] == [
        (value, label)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "order 20261103-0017",
        "CALL 20261103-0017 | queue",
        "on 03.11.2026 09:15",
        "2026-11-03 06:31:07",
        "IBAN DE00 1234 5678 9012 3456 00",
        "10.20.30.40 and 198.51.100.24",
        "version 2026.10.1",
        "12 400 500 EUR",
        "€ 12 400 500",
        "USt-IdNr. DE000000000",
        "ticket 0888 123 456",
        "line 01632960412x",
        "1.234.567,89",
        "10:00 - 11:30",
        "2019 - 2026",
    ],
)
def test_other_runs_of_digits_are_no_telephone_numbers(text: str) -> None:
    assert found(text, CandidateKind.PHONE, "de") == []


def test_the_country_of_a_number_is_told_by_the_text_before_the_settings() -> None:
    swiss = found("Käserei Muster AG, 8000 Zürich\nTel. 044 668 18 00", CandidateKind.PHONE, "de")
    austrian = found("Tel. 0662 8044 1234", CandidateKind.PHONE, "de", region="AT")
    assert swiss[0].value == "+41446681800"
    assert austrian[0].value == "+4366280441234"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Version: v5.4.0", "5.4.0"),
        ("since the update to 5.4.2 the", "5.4.2"),
        ("Connector 3.0.4, no error", "3.0.4"),
        ("Chrome 141, if", "141"),
        ("J'ai la version 2410 d'Office", "2410"),
        ("auf 2.8.3 hochgezogen", "2.8.3"),
        ("go1.23.2, linux", "1.23.2"),
        ('"Version 130.0.6723.92 (Official', "130.0.6723.92"),
        ("release 2026.10.1 went out", "2026.10.1"),
        ("v2.1-rc1 is", "2.1-rc1"),
        ("iOS 17.1 only", "17.1"),
    ],
)
def test_a_version_is_read(text: str, words: str) -> None:
    assert shown(text, CandidateKind.VERSION) == [(words, words)]


@pytest.mark.parametrize(
    "text", ["on 03.11.2026", "192.168.10.11", "1.234.567 rows", "at 10.30 Uhr", "5.5 % of 3.2 MB"]
)
def test_other_dotted_numbers_are_no_versions(text: str) -> None:
    assert shown(text, CandidateKind.VERSION) == []


@pytest.mark.parametrize(
    ("text", "words", "value"),
    [
        ("it says ORD-4290 twice", "ORD-4290", "ORD-4290"),
        ("HTTP 502 Bad Gateway", "HTTP 502", "HTTP 502"),
        ("http 500 again", "http 500", "http 500"),
        ("HTTP-Statuscode 429", "HTTP-Statuscode 429", "HTTP-Statuscode 429"),
        ("502 Bad Gateway", "502", "502"),
        ("got a 503 again", "503", "503"),
        ("(0x8004010F) »", "0x8004010F", "0x8004010F"),
        ("java.lang.NullPointerException: x", "NullPointerException", "NullPointerException"),
        ("Uncaught TypeError: y", "TypeError", "TypeError"),
        ("panic: hooks.ErrShortSignature: want", "ErrShortSignature", "ErrShortSignature"),
        ("SQLSTATE[42P01]: undefined", "SQLSTATE[42P01", "SQLSTATE[42P01"),
        ("ORA-01017: invalid", "ORA-01017", "ORA-01017"),
        ("connect ECONNREFUSED", "ECONNREFUSED", "ECONNREFUSED"),
        ("error 1603 on install", "1603", "1603"),
        ("Fehlercode: F12", "F12", "F12"),
        ("net::ERR_CERT_DATE_INVALID", "ERR_CERT_DATE_INVALID", "ERR_CERT_DATE_INVALID"),
        ("it returns invalid_grant", "invalid_grant", "invalid_grant"),
        ("P R N dash one one seven.", "P R N dash one one seven", "PRN-117"),
        ("S-Y-N minus 1130", "S-Y-N minus 1130", "SYN-1130"),
        ("the display shows E-07, then nothing", "E-07", "E-07"),
        ('"Integrity check failed (AC-9)"', "AC-9", "AC-9"),
        ('die Tafeln zeigen "E 503".', "E 503", "E 503"),
        ("it flashes SYNC_TOKEN_OLD for a second", "SYNC_TOKEN_OLD", "SYNC_TOKEN_OLD"),
        ("alarm one four four on the screen", "one four four", "144"),
        ("alarm one one four no sorry one two four alarm one two four", "one two four", "124"),
        (
            "thread 'main' panicked: index out of bounds",
            "index out of bounds",
            "index out of bounds",
        ),
    ],
)
def test_an_error_code_is_read_as_it_is_shown(text: str, words: str, value: str) -> None:
    assert (words, value) in shown(text, CandidateKind.ERROR_CODE)


@pytest.mark.parametrize(
    "text",
    [
        "URGENT: CALL ME ASAP, SAP IS DOWN",
        "the error happened 5 times",
        "412 Fehler in 5 min",
        "409 Euro",
        "UTF-8 and ISO-8601",
        "SOME_CONSTANT_NAME",
        "the postal code 10407",
        "[sync-worker-3]",
        "CN-1402 is missing",
        "alert received (n° AL-7719)",
        "Incident *HR-2057* created",
        "we parked in A-12",
        "it shows 24 rows from page 117",
    ],
)
def test_other_words_in_capitals_are_no_error_codes(text: str) -> None:
    assert shown(text, CandidateKind.ERROR_CODE) == []


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("Re: [#90417] Price list", "90417", "ticket"),
        ("We're tenant t-5120.", "t-5120", "tenant"),
        ("Unser Mandant ist t-2290.", "t-2290", "tenant"),
        ("compte t-6074", "t-6074", "account"),
        ("on INV-22140 and", "INV-22140", "invoice"),
        ("Facture F-2026-10482 prélevée", "F-2026-10482", "invoice"),
        ("Example: order WX-77120.", "WX-77120", "order"),
        ("INC0041872 again", "INC0041872", "incident"),
        ("#inc-241 created", "inc-241", "incident"),
        ("that was ticket 87002, he", "87002", "ticket"),
        ("Ihr Fall 88590 ist", "88590", "ticket"),
        ("Fallnummer ist 90688.", "90688", "ticket"),
        ("el caso es el 90811.", "90811", "ticket"),
        ("Kundennr. 4711", "4711", "customer"),
        ("Order no.: 338-10927", "338-10927", "order"),
        ("es el 338-10927, de un cliente", "338-10927", ""),
        ("Bestellnummer: 12345", "12345", "order"),
        ("n° de commande : A-2231", "A-2231", "order"),
        ("Seriennummer SN-00417", "SN-00417", "asset"),
        ("Référence : inc-240", "inc-240", "incident"),
        ("Incident *HR-2057* created", "HR-2057", "incident"),
        ("In the invoice 26/10/0457 you", "26/10/0457", "invoice"),
        ("the asset sticker says B M E dash two oh three seven seven", "BME-20377", ""),
        ("serial no on the back CR55-714402", "CR55-714402", ""),
    ],
)
def test_a_reference_is_read_with_what_it_numbers(text: str, value: str, unit: str) -> None:
    assert [(c.value, c.unit) for c in found(text, CandidateKind.REFERENCE)] == [(value, unit)]


@pytest.mark.parametrize(
    "text",
    [
        "order 12 boxes",
        "the tickets cost 4000 euros",
        "UTF-8, SHA-256, KW-47",
        "ISO-8601 dates, RFC-2822 mails, since COVID-19, at 10:00 GMT-05",
        "(206) 555-0102",
        "USt-IdNr. DE000000000",
        "case closed on 2026-11-03",
        "&#8217; in the text",
        "files.example/parqit-1873.tar.zst",
    ],
)
def test_other_numbers_are_no_references(text: str) -> None:
    assert found(text, CandidateKind.REFERENCE) == []


@pytest.mark.parametrize(
    ("text", "words", "value", "unit"),
    [
        ("35 drivers now", "35 drivers", 35, "drivers"),
        ("85 office users in", "85 office users", 85, "office users"),
        ("45 Arbeitsplätzen dabei", "45 Arbeitsplätzen", 45, "Arbeitsplätzen"),
        ("unos 75 usuarios (ella", "75 usuarios", 75, "usuarios"),
        ("There are six of us in purchasing", "six of us", 6, "of us"),
        ("60ish vans", "60ish vans", 60, "vans"),
        ("forty-five seats", "forty-five seats", 45, "seats"),
        ("einhundertzwanzig Lizenzen", "einhundertzwanzig Lizenzen", 120, "Lizenzen"),
        ("ciento veinte puestos", "ciento veinte puestos", 120, "puestos"),
        ("quatre-vingt-dix-huit postes", "quatre-vingt-dix-huit postes", 98, "postes"),
        ("8.310 Kunden", "8.310 Kunden", 8310, "Kunden"),
        ("How many people will use it | 4\n", "4", 4, ""),
    ],
)
def test_a_number_is_read_with_its_noun(text: str, words: str, value: int, unit: str) -> None:
    first = found(text, CandidateKind.NUMBER)[0]
    assert (text[first.start : first.end], first.value, first.unit) == (words, value, unit)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("40%", 40),
        ("11,8 %", 11.8),
        ("nine out of ten", 90),
        ("fünfzig Prozent", 50),
        ("50/50", 50),
    ],
)
def test_a_percentage_is_read(text: str, value: float) -> None:
    assert [c.value for c in found(text, CandidateKind.PERCENT)] == [value]


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("twelve thousand five hundred pounds", 12500, "GBP"),
        ("zwölftausend Euro", 12000, "EUR"),
        ("trente mille euros", 30000, "EUR"),
        ("treinta y cuatro mil doscientos euros", 34200, "EUR"),
    ],
)
def test_a_sum_in_words_is_read(text: str, value: int, unit: str) -> None:
    assert [(c.value, c.unit) for c in found(text, CandidateKind.MONEY)] == [(value, unit)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("The API answers 502 on every call", "502"),
        ("Alle bekommen 504.", "504"),
        ("Clicking save gives 403", "403"),
        ("it shows a 404 page", "404"),
        ("we see 403 users", None),
        ("it shows 500 boxes", None),
    ],
)
def test_a_status_alone_is_a_code_behind_what_gives_it(text: str, code: str | None) -> None:
    assert shown(text, CandidateKind.ERROR_CODE) == ([(code, code)] if code else [])


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("it is leo at quarry dot example, thanks", "leo@quarry.example"),
        ("gethin at prosser dash payroll dot example?", "gethin@prosser-payroll.example"),
        ("jo punkt marsh at quarry punkt example", "jo.marsh@quarry.example"),
        ("ana arroba quarry punto example", "ana@quarry.example"),
        ("we met at noon on the dot", None),
    ],
)
def test_an_address_that_is_read_out_is_read(text: str, address: str | None) -> None:
    assert [c.value for c in found(text, CandidateKind.EMAIL)] == ([address] if address else [])


def test_what_mail_programs_write_for_each_other_states_nothing() -> None:
    headers = (
        "From: Jens Vogt <j.vogt@acme.example>\nTo: help@ours.example\n"
        "Message-ID: <ORD-2026-4411@mx.acme.example>\nReferences: <INV-2026-0042@x.example>\n"
        "  <PO-12345@x.example>\nReceived: from mx1.acme.example id QX-84411\n"
        "DKIM-Signature: d=acme.example; i=a@acme.example; b=TKT-99123\n"
        "Subject: Order ORD-2026-77\n"
    )
    body = "\nThe export hangs, see ticket no. 4711.\n"
    reading = read(SourceText(name="t", text=headers + body, digest=""), own_domains=())
    kinds = [CandidateKind.EMAIL, CandidateKind.REFERENCE, CandidateKind.URL]
    found = find(reading, kinds, names=NO_NAMES, parsers=PARSERS)
    values = ["j.vogt@acme.example", "help@ours.example", "ORD-2026-77", "4711"]
    assert [one.value for one in found] == values
