"""Which of a model's values are taken: those that their quote says, and whose quote is there."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from copilot.extracted import NullReason, SourceText
from copilot.extraction.candidates import Candidate, CandidateKind
from copilot.extraction.modelled.proving import Prover
from copilot.extraction.modelled.verdicts import Proven, Refused
from copilot.schemas import FieldRole, FieldSpec
from tests.modelled import a_text
from tests.schemas import loaded

NOT_FOUND, NOT_SAID, INVALID = (
    NullReason.QUOTE_NOT_FOUND,
    NullReason.VALUE_NOT_IN_QUOTE,
    NullReason.INVALID,
)
TITLE = FieldSpec(("title",), "string", FieldRole.TITLE)
SUMMARY = FieldSpec(("summary",), "string")
PRODUCT = FieldSpec(("product",), "string", FieldRole.PRODUCT)
MOMENT = FieldSpec(("occurred_at",), "string", FieldRole.OCCURRED_AT)
ZONED = FieldSpec(("at",), "string", FieldRole.DATE_TIME, format="date-time")
CLOCK = FieldSpec(("start_time",), "string", FieldRole.START_TIME)
LEVEL = FieldSpec(("level",), "integer", FieldRole.CHOICE, choices=("1", "3"))
RATE = FieldSpec(("rate",), "number", FieldRole.CHOICE, choices=("1.0", "2.5"))
NAME = FieldSpec(("name",), "string", FieldRole.PERSON_NAME)
COMPANY = FieldSpec(("company",), "string", FieldRole.COMPANY)
ADDRESS = FieldSpec(("address",), "string", FieldRole.ADDRESS)
CURRENCY = FieldSpec(("currency",), "string", FieldRole.CURRENCY)


def spec(line: str, number: int = 0) -> FieldSpec:
    return loaded(line).fields[number]


def judged(
    field: FieldSpec, value: Any, quote: Any, *, text: str = "", **more: Any
) -> Proven | Refused:
    source = a_text(text or str(quote))
    return Prover(source, more.get("candidates", ())).prove(field, value, quote)


@pytest.mark.parametrize(
    ("field", "value", "quote", "taken"),
    [
        (spec("a: str"), "Acme GmbH", "at ACME   GmbH", "ACME GmbH"),
        (spec("a: str"), "Jörg", "Jörg Müller", "Jörg"),
        (spec("a: str"), 42, "room 42", "42"),
        (spec("a: int"), 12, "twelve users", 12),
        (spec("a: int"), "12", "12 users", 12),
        (spec("a: int"), 12.0, "12 users", 12),
        (spec("a: float"), "1.234,50 €", "1.234,50 €", 1234.5),
        (spec("a: float"), 1234.5, "1,234.50 dollars", 1234.5),
        (spec("a: float"), 50000, "about 50k EUR", 50000),
        (spec("a: float"), 2500000, "2,5 Mio. Euro", 2500000),
        (spec("a: float"), -3, "-3 degrees", -3),
        (spec("a: float"), 500, "EUR500", 500),
        (spec("a: date"), "2026-11-27", "27.11.2026", "2026-11-27"),
        (spec("a: date"), "27.11.2026", "27.11.2026", "2026-11-27"),
        (spec("a: date"), "Nov 27, 2026", "Nov 27, 2026", "2026-11-27"),
        (spec("a: date"), "2026-11-27T00:00:00", "27 November", "2026-11-27"),
        (spec("a: date"), "2026-11-27", "le 27 novembre", "2026-11-27"),
        (spec("a: date"), "2026-11-27", "vom 25.11. bis 27.11.", "2026-11-27"),
        (spec("a: date"), "2026-11-21", "morgen, also tomorrow", "2026-11-21"),
        (spec("a: date"), "2026-11-27", "bis nächsten Freitag", "2026-11-27"),
        (spec("a: date"), "2026-11-27", "Friday at 10.30", "2026-11-27"),
        (spec("a: float"), 12, "12 m of cable", 12),
        (spec("a: float"), 12000000, "€12 m", 12000000),
        (MOMENT, "2026-11-19T14:30", "yesterday, 2:30 pm", "2026-11-19T14:30"),
        (MOMENT, "2026-11-19T14:30:00Z", "yesterday at 14:30", "2026-11-19T14:30"),
        (MOMENT, "2026-11-19T14:30:00Z", "yesterday at 14:30, for Zoë", "2026-11-19T14:30"),
        (MOMENT, "2026-11-19T14:30+01:00", "yesterday at 14:30 CET", "2026-11-19T14:30+01:00"),
        (MOMENT, "2026-11-19", "yesterday", "2026-11-19"),
        (ZONED, "2026-11-19T14:30Z", "2026-11-19 14:30 UTC", "2026-11-19T14:30:00Z"),
        (CLOCK, "2:30 pm", "at 2:30 pm", "14:30"),
        (CLOCK, "14:00", "um 14 Uhr", "14:00"),
        (CLOCK, "12:00", "at noon", "12:00"),
        (spec("a: email"), "Jo@Acme.example", "mail jo@acme.example", "jo@acme.example"),
        (spec("a: email"), "jo@acme.example", "mail Jo@Acme.example", "jo@acme.example"),
        (spec("email, full_name: str", 1), "Zoë Li", "ZOË LI", "Zoë Li"),
        (spec("email, full_name: str", 1), "Zoë Li", "First name: Zoë\nName: Li", "Zoë Li"),
        (NAME, "Zoë Li", "Zoë\nSurname*  Li", "Zoë Li"),
        (NAME, "Zoë Li", "Li, Zoë", "Zoë Li"),
        (COMPANY, "Maison Li", "M A I S O N   L I", "Maison Li"),
        (
            spec("a: email"),
            "jo-a@acme.example",
            "jo dash a at acme dot example",
            "jo-a@acme.example",
        ),
        (spec("a: email"), "jo.a@acme.example", "mail jo.a @acme.example", "jo.a@acme.example"),
        (spec("a: date"), "2026-11-13", "the thirteenth of November", "2026-11-13"),
        (spec("a: date"), "2026-11-12", "DTSTART:20261112T093000", "2026-11-12"),
        (CLOCK, "09:30", "DTSTART:20261112T093000", "09:30"),
        (MOMENT, "2026-11-12T09:30Z", "20261112T093000Z", "2026-11-12T09:30Z"),
        (MOMENT, "2026-11-02T03:17Z", "02 Nov 2026 03:17 +0000", "2026-11-02T03:17Z"),
        (ADDRESS, "1 Quay, 21000 Dijon", "1 Quay\n  21000 Dijon", "1 Quay, 21000 Dijon"),
        (MOMENT, "2026-11-19T07:45", "from 7:45", "2026-11-19T07:45"),
        (spec("a: str"), "5.4.0", "version v5.4.0", "5.4.0"),
        (CURRENCY, "GBP", "£", "GBP"),
        (spec("a: phone"), "+49301234567", "030 / 123 456-7", "+49301234567"),
        (spec("a: phone"), "+49 30 1234567", "+49 (0)30 1234567", "+49301234567"),
        (spec("a: url"), "https://acme.example/x", "see acme.example/x", "https://acme.example/x"),
        (spec("a: url"), "https://acme.example", "http://acme.example/", "http://acme.example"),
        (
            spec("a: url"),
            "http://10.0.0.1:8080/x",
            "http://10.0.0.1:8080/x",
            "http://10.0.0.1:8080/x",
        ),
        (spec("a: low|very high"), "Very_High", "nobody can work", "very high"),
        (spec("a: 1|2"), "2", "2", "2"),
        (spec("a: High|high"), "high", "it is urgent", "high"),
        (spec("a: High|high"), "HIGH", "it is urgent", "High"),
        (LEVEL, 3.0, "level 3", 3),
        (RATE, 1, "rate 1", 1.0),
        (spec("a: float"), 12.5, "12.5 users", 12.5),
        (spec("a: str"), "etat", "e\u0301tat", "e\u0301tat"),
        (spec("a: str"), "cafe", "du cafe\u0301", "cafe\u0301"),
        (spec("a: 1|2"), "2", "prio: 2", "2"),
        (spec("a: bool"), "yes", "it is urgent", True),
        (CURRENCY, "eur", "500 €", "EUR"),
        (CURRENCY, "USD", "500 dollars", "USD"),
        (TITLE, "The login is broken", "login broken\nsince today", "login broken since today"),
        (SUMMARY, "Login fails for Jo after 3 tries", "login", "Login fails for Jo after 3 tries"),
    ],
)
def test_a_value_that_its_quote_says_is_taken_as_its_field_has_it(
    field: FieldSpec, value: Any, quote: str, taken: Any
) -> None:
    text = f"Hello, {quote}. Login fails after 3 tries, says Jo."
    verdict = judged(field, value, quote, text=text)
    assert isinstance(verdict, Proven), verdict
    assert verdict.value == taken
    assert type(verdict.value) is type(taken)
    evidence = verdict.evidence
    assert text[evidence.start : evidence.end] == evidence.quote


@pytest.mark.parametrize(
    ("field", "value", "quote", "reason"),
    [
        (spec("a: str"), "Globex", "at Acme GmbH", NOT_SAID),
        (spec("a: str"), "cme", "at Acme GmbH", NOT_SAID),
        (spec("a: str"), {"x": 1}, "at Acme GmbH", INVALID),
        (spec("a: str"), "", "at Acme GmbH", INVALID),
        (spec("a: str"), "x" * 3000, "at Acme GmbH", INVALID),
        (spec("a: int"), 13, "12 users", NOT_SAID),
        (spec("a: int"), 5, "1500 users", NOT_SAID),
        (spec("a: int"), 1.5, "1.5 users", INVALID),
        (spec("a: int"), True, "1 user", INVALID),
        (spec("a: float"), "a lot", "a lot", INVALID),
        (spec("a: float"), float("inf"), "12", INVALID),
        (spec("a: date"), "next week", "next week", INVALID),
        (spec("a: date"), "03/04/2026", "03/04/2026", INVALID),
        (spec("a: date"), "2026-02-30", "30 February", INVALID),
        (spec("a: date"), "2026-11-28", "27.11.2026", NOT_SAID),
        (spec("a: date"), "2025-11-27", "27.11.2026", NOT_SAID),
        (spec("a: date"), "2026-11-27", "as soon as you can", NOT_SAID),
        (spec("a: date"), "2026-12-18", "on Friday", NOT_SAID),
        (spec("a: date"), "1999-11-27", "on 27 November", NOT_SAID),
        (spec("a: date"), "2026-11-20", "on Friday 27 November", NOT_SAID),
        (spec("a: date"), "2026-11-20", "Freitag, 27.11.", NOT_SAID),
        (spec("a: date"), "2026-11-20", "viernes 27/11", NOT_SAID),
        (spec("a: date"), "2026-11-20", "Friday, 2026-11-27", NOT_SAID),
        (spec("a: float"), 12, "£12k", NOT_SAID),
        (MOMENT, "2026-11-19T15:30", "yesterday at 14:30", NOT_SAID),
        (MOMENT, "2026-11-12T14:30", "at 14:30", NOT_SAID),
        (spec("email, full_name: str", 1), "Li Zoë", "First name: Zoë, name: Li", NOT_SAID),
        (spec("email, full_name: str", 1), "Zoë Lisa", "First name: Zoë, name: Li", NOT_SAID),
        (NAME, "Zoë Li", "Zoë met Mr Li", NOT_SAID),
        (NAME, "Zoë Li", "Zoë, or Li, Zoë", NOT_SAID),
        (COMPANY, "Zoë Li", "Li, Zoë", NOT_SAID),
        (COMPANY, "Maison Li", "M A I S O N   L I N", NOT_SAID),
        (COMPANY, "Anna Lee", "Ann Alee", NOT_SAID),
        (spec("a: email"), "o@acme.example", "jo at acme dot example", NOT_SAID),
        (spec("a: email"), "jo@acme.ex", "jo at acme dot example", NOT_SAID),
        (spec("a: email"), "jo@example", "jo at acme dot example", NOT_SAID),
        (spec("a: date"), "2026-11-14", "the thirteenth of November", NOT_SAID),
        (CLOCK, "09:31", "DTSTART:20261112T093000", NOT_SAID),
        (MOMENT, "sometime", "yesterday at 14:30", INVALID),
        (CLOCK, "14:31", "at 14:30", NOT_SAID),
        (CLOCK, "late", "late", INVALID),
        (spec("a: email"), "jo@globex.example", "mail jo@acme.example", NOT_SAID),
        (spec("a: email"), "jo@acme", "mail jo@acme2.example", NOT_SAID),
        (spec("a: phone"), "+49301234568", "030 / 123 456-7", NOT_SAID),
        (spec("a: phone"), "call 0301234567", "030 / 123 456-7", INVALID),
        (spec("a: phone"), "+4930456", "456", NOT_SAID),
        (spec("a: url"), "https://globex.example/acme.example", "acme.example", NOT_SAID),
        (spec("a: url"), "acme", "see acme", INVALID),
        (spec("a: url"), "1.234", "1.234", INVALID),
        (spec("a: url"), "ftp://acme.example/x", "acme.example/x", NOT_SAID),
        (spec("a: email"), "acme", "see acme", INVALID),
        (spec("a: low|high"), "mid", "it is urgent", INVALID),
        (spec("a: low|high"), None, "it is urgent", INVALID),
        (spec("a: low|high"), "high", "12:30", NOT_SAID),
        (LEVEL, 4, "level 4", INVALID),
        (LEVEL, True, "level 1", INVALID),
        (LEVEL, [3], "level 3", INVALID),
        (spec("a: 1|2"), "2", "12:30", NOT_SAID),
        (spec("a: 1|2"), "2", "1.2", NOT_SAID),
        (spec("a: bool"), True, "12:30", NOT_SAID),
        (TITLE, "The login is broken", "12:30", INVALID),
        (spec("email, full_name: str", 1), "12", "12", INVALID),
        (spec("job_title: str"), "12", "12", INVALID),
        (ADDRESS, "12", "12", INVALID),
        (PRODUCT, "12", "12", INVALID),
        (SUMMARY, "12", "12", INVALID),
        (spec("a: bool"), "maybe", "it is urgent", INVALID),
        (CURRENCY, "USD", "500 €", NOT_SAID),
        (CURRENCY, "EUR", "somewhere in Europe", NOT_SAID),
        (CURRENCY, "money", "500 €", INVALID),
        (SUMMARY, "Jo of Globex can't log in", "at Acme GmbH", NOT_SAID),
        (SUMMARY, "Login fails 4 times", "at Acme GmbH", NOT_SAID),
        (SUMMARY, "Something entirely different happened there", "at Acme GmbH", NOT_SAID),
    ],
)
def test_a_value_that_its_quote_does_not_say_is_refused_with_the_reason(
    field: FieldSpec, value: Any, quote: str, reason: NullReason
) -> None:
    text = f"Hello, {quote}. Login fails after 3 tries, says Jo."
    verdict = judged(field, value, quote, text=text)
    assert isinstance(verdict, Refused), verdict
    assert verdict.reason is reason
    assert verdict.why


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("can log in", "can\n  > log in"),
        ("It doesn't", "It doesn’t"),
        ('"yes"', "yes"),
        ("  MULLER  ", "Müller"),
        ("log\u200bin", None),
        ("can log out", None),
        ("an log", None),
        ("...", None),
        ("", None),
        (7, None),
    ],
)
def test_a_quote_is_the_texts_own_characters(quote: Any, found: str | None) -> None:
    text = "Frau Müller can\n  > log in, he said “yes”. It doesn’t work."
    verdict = Prover(a_text(text)).prove(spec("a: x|y"), "x", quote)
    if found is None:
        assert isinstance(verdict, Refused)
        assert verdict.reason is NOT_FOUND or quote == ""
    else:
        assert isinstance(verdict, Proven)
        assert verdict.evidence.quote == found


def test_a_quote_does_not_end_within_a_number() -> None:
    text = "12,5 users of 1.2.3, or 7, or v8.9. 10, 20"
    for quote in ("12", "5", "5 users", "1.2", "2.3", "v8"):
        assert isinstance(judged(spec("a: str"), quote, quote, text=text), Refused), quote
    for quote in ("12,5", "1.2.3", "7", "8.9", "10", "20", "v8.9. 10"):
        assert isinstance(judged(spec("a: str"), quote, quote, text=text), Proven), quote


@pytest.mark.parametrize(
    "value",
    [10**400, -(10**400), 10**5000, float("nan"), "9" * 1900, "1e999"],
    ids=["large", "small", "huge", "nan", "digits", "exponent"],
)
@pytest.mark.parametrize(
    "line", ["a: str", "a: int", "a: float", "a: date", "a: bool", "a: 1|2", "a: phone", "a: url"]
)
def test_a_monstrous_number_is_refused(line: str, value: Any) -> None:
    text = "Number " + "9" * 6000 + " and 1e999, " + "1," * 3000
    for quote in (text, "1e999", "9" * 6000, value):
        assert isinstance(judged(spec(line), value, quote, text=text), Refused) or line == "a: str"


def test_a_value_without_a_quote_is_its_own_if_it_stands_there() -> None:
    assert isinstance(judged(spec("a: str"), "Acme", None, text="at Acme."), Proven)
    assert isinstance(judged(spec("a: str"), "Globex", None, text="at Acme."), Refused)
    assert isinstance(judged(spec("a: int"), 12, None, text="12 users"), Refused)


def test_a_quote_of_half_the_text_proves_nothing_but_words_that_stand_in_it() -> None:
    text = "word " * 200 + "Acme " + "word " * 20
    choice = judged(spec("a: x|y"), "x", text.strip(), text=text)
    assert isinstance(choice, Refused)
    assert choice.reason is NOT_SAID
    word = judged(spec("a: str"), "Acme", text.strip(), text=text)
    assert isinstance(word, Proven)
    assert word.evidence.quote == "Acme"


def test_what_rules_read_in_the_quote_counts() -> None:
    text = "the old cockpit, due end of the month, call 0301234567 (about 5 grand)"

    def found(kind: CandidateKind, value: Any, words: str) -> Candidate:
        return Candidate(kind, value, text.index(words), text.index(words) + len(words))

    candidates = (
        found(CandidateKind.PRODUCT, "Control Centre", "cockpit"),
        found(CandidateKind.DATE, "2026-11-30", "end of the month"),
        found(CandidateKind.PHONE, "+49301234567", "0301234567"),
        found(CandidateKind.MONEY, 5000, "5 grand"),
        found(CandidateKind.PRODUCT, "365", "5 grand"),
    )
    prover = Prover(a_text(text), candidates)
    for field, value, quote, taken in (
        (PRODUCT, "cockpit", "the old cockpit", "Control Centre"),
        (PRODUCT, "Control Centre", "the old cockpit", "Control Centre"),
        (spec("a: date"), "2026-11-30", "due end of the month", "2026-11-30"),
        (spec("a: phone"), "0301234567", "call 0301234567", "+49301234567"),
        (spec("a: float"), 5000, "about 5 grand", 5000),
        (PRODUCT, "365", "about 5 grand", "365"),
    ):
        verdict = prover.prove(field, value, quote)
        assert isinstance(verdict, Proven), (field, verdict)
        assert verdict.value == taken
    for value, confidence in (("2026-11-30", 0.85), ("2026-11-27", 0.6)):
        friday = Prover(a_text("by Friday"), [Candidate(CandidateKind.DATE, "2026-11-30", 3, 9)])
        assert friday.prove(spec("a: date"), value, "by Friday").confidence == confidence
    assert isinstance(prover.prove(PRODUCT, "Control Centre", "call"), Refused)
    assert isinstance(prover.prove(spec("a: date"), "2026-11-30", "cockpit"), Refused)


def test_a_number_of_a_date_or_a_telephone_number_counts_nothing() -> None:
    text = "for 30 of 2026 users on 2026-10-30, call 0301234567; 12 seats"

    def found(kind: CandidateKind, value: Any, words: str) -> Candidate:
        return Candidate(kind, value, text.index(words), text.index(words) + len(words))

    prover = Prover(
        a_text(text),
        (
            found(CandidateKind.DATE, "2026-10-30", "2026-10-30"),
            found(CandidateKind.PHONE, "+49301234567", "0301234567"),
        ),
    )
    count, year = FieldSpec(("users",), "integer", FieldRole.COUNT), spec("year: int")
    for field, value, quote, taken in (
        (count, 2026, "2026-10-30", False),
        (count, 10, "10", False),
        (count, 301234567, "call 0301234567", False),
        (count, 2026, "of 2026 users on 2026-10-30", True),
        (count, 12, "12 seats", True),
        (year, 2026, "on 2026-10-30", True),
    ):
        verdict = prover.prove(field, value, quote)
        assert isinstance(verdict, Proven) is taken, (value, quote, verdict)


def test_a_year_that_is_not_written_is_that_of_the_day_of_writing_or_of_the_text() -> None:
    day = spec("a: date")

    def taken(value: str, text: str, sent: datetime | None) -> bool:
        source = SourceText("x", text, "", received_at=sent)
        return isinstance(Prover(source).prove(day, value, "on 3 May"), Proven)

    assert taken("2027-05-03", "on 3 May", datetime(2026, 11, 20, tzinfo=UTC))
    assert not taken("2029-05-03", "on 3 May", datetime(2026, 11, 20, tzinfo=UTC))
    assert taken("2029-05-03", "on 3 May. Roadmap 2029", None)
    assert not taken("2029-05-03", "on 3 May", None)
