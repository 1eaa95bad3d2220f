"""What the finders read out of texts: values, and the very words that state them."""

from __future__ import annotations

from datetime import datetime

import pytest

from copilot.adapters.parsing.dates import DateParserWords
from copilot.adapters.parsing.phones import LibPhoneNumbers
from copilot.extracted import SourceText
from copilot.extraction.candidates import Candidate, CandidateKind
from copilot.extraction.finding.finding import Parsers, find
from copilot.extraction.finding.names import NO_NAMES, Names
from copilot.extraction.reading import Language, Message, Reading, Segment, SegmentKind

PARSERS = Parsers(phones=LibPhoneNumbers(), dates=DateParserWords())


def reading_of(text: str, told: str = "", language: Language = "") -> Reading:
    """A text that is one message's body."""
    told_at = datetime.fromisoformat(told) if told else None
    return Reading(
        source=SourceText(name="t", text=text, digest="", received_at=told_at),
        messages=(Message(0, "current", 0, len(text)),),
        segments=(Segment(SegmentKind.BODY, 0, len(text), 0),),
        language=language,
    )


def found(text: str, *kinds: CandidateKind, names: Names = NO_NAMES) -> list[Candidate]:
    """Candidates of these kinds in a text."""
    return find(reading_of(text), kinds, names=names, parsers=PARSERS)


def shown(text: str, *kinds: CandidateKind, names: Names = NO_NAMES) -> list[tuple[str, object]]:
    """The words and the value of each."""
    return [(text[c.start : c.end], c.value) for c in found(text, *kinds, names=names)]


@pytest.mark.parametrize(
    ("text", "words", "value"),
    [
        (
            "Mail me: Ada.Lovelace@Example.COM.",
            "Ada.Lovelace@Example.COM",
            "ada.lovelace@example.com",
        ),
        ("<ops+eu@mail.example>", "ops+eu@mail.example", "ops+eu@mail.example"),
        ("'x_y@a-b.co.uk'", "x_y@a-b.co.uk", "x_y@a-b.co.uk"),
        ("[mailto:h@fruchthof.example]", "h@fruchthof.example", "h@fruchthof.example"),
        ("aurelien @ maison . example", "aurelien @ maison . example", "aurelien@maison.example"),
        ("jo (at) kiosk (dot) example", "jo (at) kiosk (dot) example", "jo@kiosk.example"),
    ],
)
def test_a_mail_address_is_found_as_people_write_it(text: str, words: str, value: str) -> None:
    assert shown(text, CandidateKind.EMAIL) == [(words, value)]


@pytest.mark.parametrize(
    "text", ["developer @ Dekker Olie & Azijn", "icon@2x.png", "@ada", "a@b", "see you @ 5"]
)
def test_an_at_sign_alone_makes_no_mail_address(text: str) -> None:
    assert shown(text, CandidateKind.EMAIL) == []


@pytest.mark.parametrize(
    ("text", "words", "value"),
    [
        (
            "See https://a.example/x?y=1#z.",
            "https://a.example/x?y=1#z",
            "https://a.example/x?y=1#z",
        ),
        ("(www.a.example/de)", "www.a.example/de", "https://www.a.example/de"),
        ("website pellworth.example, old", "pellworth.example", "https://pellworth.example"),
        ("<https://a.example>", "https://a.example", "https://a.example"),
        ("https://a.example/w_(x)", "https://a.example/w_(x)", "https://a.example/w_(x)"),
    ],
)
def test_a_web_address_ends_before_the_sentence_does(text: str, words: str, value: str) -> None:
    assert shown(text, CandidateKind.URL) == [(words, value)]


@pytest.mark.parametrize(
    "text", ["a@b.example", "price.net.Of", "e.g. this", "v1.2.de-3", "main.py"]
)
def test_a_dot_between_words_makes_no_web_address(text: str) -> None:
    assert shown(text, CandidateKind.URL) == []


@pytest.mark.parametrize(
    ("text", "words", "value", "unit", "label"),
    [
        ("12.500,00 € netto", "12.500,00 €", 12500, "EUR", "netto"),
        ("€12,400.50 in all", "€12,400.50", 12400.5, "EUR", ""),
        (
            "un montant de 1\u202f234,50\xa0€ TTC",
            "1\u202f234,50\xa0€",
            1234.5,
            "EUR",
            "montant ttc",
        ),
        ("EUR 12.400,--", "EUR 12.400,--", 12400, "EUR", ""),
        ("about £12k for yr 1", "£12k", 12000, "GBP", ""),
        ("1.2 Mio. € Umsatz", "1.2 Mio. €", 1200000, "EUR", ""),
        ("CHF 3'200.–", "CHF 3'200.–", 3200, "CHF", ""),
        ("$1.5m ARR", "$1.5m", 1500000, "USD", ""),
        ("$1,234.50 MXN", "$1,234.50 MXN", 1234.5, "MXN", ""),
        ("19,90 € pro Nutzer und Monat", "19,90 €", 19.9, "EUR", "per user per month"),
        ("los 27 €/usuario/mes", "27 €", 27, "EUR", "per user per month"),
        ("$18k a year", "$18k", 18000, "USD", "per year"),
        ("12 400 euros", "12 400 euros", 12400, "EUR", ""),
        ("budget: 40.000 EUR", "40.000 EUR", 40000, "EUR", "budget"),
    ],
)
def test_a_sum_of_money_is_read_with_its_currency(
    text: str, words: str, value: float, unit: str, label: str
) -> None:
    (sum_,) = found(text, CandidateKind.MONEY)
    assert (text[sum_.start : sum_.end], sum_.value, sum_.unit, sum_.label) == (
        words,
        value,
        unit,
        label,
    )


@pytest.mark.parametrize(
    "text", ["12.400", "ReferencePipeline$3$1.accept", "row 5, all 3", "100 k"]
)
def test_a_number_without_a_currency_is_no_money(text: str) -> None:
    assert found(text, CandidateKind.MONEY) == []


NAMES = Names(
    {
        CandidateKind.PRODUCT: {"Acme Web": ["web app"], "Acme": [], "Outlook": []},
        CandidateKind.COMPONENT: {"webhooks": ["webhook"], "CSV import": ["CSV-Import"]},
        CandidateKind.COMPETITOR: {"Fletcher & Moss": []},
    }
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the Acme web shop", [("Acme web", "Acme Web")]),
        ("Acme's new WEB APP", [("Acme", "Acme"), ("WEB APP", "Acme Web")]),
        ("im outlook seit gestern", [("outlook", "Outlook")]),
        ("the web-app and a web\n> app", [("web-app", "Acme Web"), ("web\n> app", "Acme Web")]),
        ("acme@web.example, /srv/acme/x, Acmeology", []),
        ("Webhooks fail; csv import too", [("Webhooks", "webhooks"), ("csv import", "CSV import")]),
        ("with Fletcher & Moss", [("Fletcher & Moss", "Fletcher & Moss")]),
        ("Fletcher or Moss. Web. App", []),
    ],
)
def test_the_longest_configured_name_is_found_as_whole_words(
    text: str, expected: list[tuple[str, str]]
) -> None:
    kinds = (CandidateKind.PRODUCT, CandidateKind.COMPONENT, CandidateKind.COMPETITOR)
    assert shown(text, *kinds, names=NAMES) == expected


def test_signs_that_belong_to_a_name_have_to_stand_there() -> None:
    names = Names({CandidateKind.PRODUCT: {"C++": [], ".NET": []}})
    text = "C and net, C++ and .NET."
    assert shown(text, CandidateKind.PRODUCT, names=names) == [("C++", "C++"), (".NET", ".NET")]


def test_many_names_with_one_beginning_are_all_known() -> None:
    many = {f"Acme Module {number}": [f"AM {number}"] for number in range(10_000)}
    names = Names({CandidateKind.PRODUCT: many})
    text = "Acme " * 500 + "Acme Module 77, AM 9999 and AM 10000"
    assert shown(text, CandidateKind.PRODUCT, names=names) == [
        ("Acme Module 77", "Acme Module 77"),
        ("AM 9999", "Acme Module 9999"),
    ]


def test_a_name_in_small_letters_that_the_settings_capitalise_is_less_sure() -> None:
    small, capital = found("outlook Outlook", CandidateKind.PRODUCT, names=NAMES)
    assert small.confidence < capital.confidence
