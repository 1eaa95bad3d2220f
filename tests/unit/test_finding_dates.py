"""Days in the words of four languages, counted from Thursday, 5 November 2026, 10:00."""

from __future__ import annotations

from datetime import datetime

import pytest

from copilot.adapters.parsing.dates import DateParserWords
from copilot.adapters.parsing.phones import LibPhoneNumbers
from copilot.extracted import SourceText
from copilot.extraction.candidates import CandidateKind
from copilot.extraction.finding.finding import Parsers, find
from copilot.extraction.finding.names import NO_NAMES
from copilot.extraction.reading import Language, Message, Reading, Segment, SegmentKind

PARSERS = Parsers(phones=LibPhoneNumbers(), dates=DateParserWords())
TOLD = datetime.fromisoformat("2026-11-05T10:00:00+01:00")


def reading_of(text: str, language: Language, told: datetime | None = TOLD) -> Reading:
    """A text that is one message's body."""
    return Reading(
        source=SourceText(name="t", text=text, digest="", received_at=told),
        messages=(Message(0, "current", 0, len(text)),),
        segments=(Segment(SegmentKind.BODY, 0, len(text), 0),),
        language=language,
    )


def days(text: str, language: Language, told: datetime | None = TOLD) -> list[tuple[str, object]]:
    """The words of each day with its likeliest value."""
    found = find(
        reading_of(text, language, told), [CandidateKind.DATE], names=NO_NAMES, parsers=PARSERS
    )
    likeliest: dict[int, tuple[str, object]] = {}
    for candidate in found:
        likeliest.setdefault(
            candidate.start, (text[candidate.start : candidate.end], candidate.value)
        )
    return list(likeliest.values())


ENGLISH = [
    ("on 2026-11-03", "2026-11-03", "2026-11-03"),
    ("on 2026/11/03.", "2026/11/03", "2026-11-03"),
    ("at 2026-11-03T06:31:07Z", "2026-11-03", "2026-11-03"),
    ("on 3 November 2026", "3 November 2026", "2026-11-03"),
    ("on 3rd November 2026", "3rd November 2026", "2026-11-03"),
    ("on the 3rd of November", "3rd of November", "2026-11-03"),
    ("on November 3, 2026", "November 3, 2026", "2026-11-03"),
    ("since Nov 3", "Nov 3", "2026-11-03"),
    ("since Nov. 3rd", "Nov. 3rd", "2026-11-03"),
    ("log [03/Nov/2026:13:55:36 +0000]", "03/Nov/2026", "2026-11-03"),
    ("Nov  3 06:31:07 host sshd", "Nov  3", "2026-11-03"),
    ("3-Nov-2026 was it", "3-Nov-2026", "2026-11-03"),
    ("Tue, 3 Nov 2026", "Tue, 3 Nov 2026", "2026-11-03"),
    ("Tuesday 3 November", "Tuesday 3 November", "2026-11-03"),
    ("Tuesday, November 3rd", "Tuesday, November 3rd", "2026-11-03"),
    ("auditors come back January 15", "January 15", "2027-01-15"),
    ("since 30 December", "30 December", "2025-12-30"),
    ("by 30 December", "30 December", "2026-12-30"),
    ("since yesterday", "yesterday", "2026-11-04"),
    ("it broke the day before yesterday", "the day before yesterday", "2026-11-03"),
    ("until tomorrow", "tomorrow", "2026-11-06"),
    ("day after tomorrow please", "day after tomorrow", "2026-11-07"),
    ("since this morning", "this morning", "2026-11-05"),
    ("it stopped last night", "last night", "2026-11-04"),
    ("by tonight", "tonight", "2026-11-05"),
    ("since last Tuesday", "last Tuesday", "2026-11-03"),
    ("since Tuesday", "Tuesday", "2026-11-03"),
    ("by Tuesday", "Tuesday", "2026-11-10"),
    ("we lost two on Tuesday", "Tuesday", "2026-11-03"),
    ("let's meet on Tuesday", "Tuesday", "2026-11-10"),
    ("can we talk Friday?", "Friday", "2026-11-06"),
    ("by Fri", "Fri", "2026-11-06"),
    ("next Monday", "next Monday", "2026-11-09"),
    ("this Friday", "this Friday", "2026-11-06"),
    ("Tuesday next week", "Tuesday next week", "2026-11-10"),
    ("friday next week", "friday next week", "2026-11-13"),
    ("it failed Wednesday last week", "Wednesday last week", "2026-10-28"),
    ("two days ago", "two days ago", "2026-11-03"),
    ("3 weeks ago", "3 weeks ago", "2026-10-15"),
    ("a week ago", "a week ago", "2026-10-29"),
    ("in two weeks", "in two weeks", "2026-11-19"),
    ("the 4th was fine", "the 4th", "2026-11-04"),
    ("by the 2nd", "the 2nd", "2026-12-02"),
    ("since the 28th", "the 28th", "2026-10-28"),
    ("the board meets on the 10th, so", "the 10th", "2026-11-10"),
    ("9th of this month", "9th of this month", "2026-11-09"),
    ("on the 9th of next month", "9th of next month", "2026-12-09"),
    ("by the end of November", "end of November", "2026-11-30"),
    ("contract runs out end Jan", "end Jan", "2027-01-31"),
    ("before month end", "month end", "2026-11-30"),
    ("at the end of this week", "end of this week", "2026-11-06"),
    ("by end of next month", "end of next month", "2026-12-31"),
    ("by the end of the year", "end of the year", "2026-12-31"),
    ("end of Q1", "end of Q1", "2027-03-31"),
    ("by end of Q1 2027", "end of Q1 2027", "2027-03-31"),
    ("mid-January", "mid-January", "2027-01-15"),
    ("he's away w/c 9 Nov", "9 Nov", "2026-11-09"),
    ("on 27/10", "27/10", "2026-10-27"),
    ("on 27/10/2026", "27/10/2026", "2026-10-27"),
    ("tenth of March 2027", "tenth of March 2027", "2027-03-10"),
    ("due 1 December", "1 December", "2026-12-01"),
    ("by EOD", "EOD", "2026-11-05"),
    ("by close of business Friday", "Friday", "2026-11-06"),
    ("it worked until Tuesday", "Tuesday", "2026-11-03"),
    ("the demo runs until Tuesday", "Tuesday", "2026-11-10"),
]
GERMAN = [
    ("am 03.11.2026", "03.11.2026", "2026-11-03"),
    ("am 3. 11. 2026", "3. 11. 2026", "2026-11-03"),
    ("seit 3.11.", "3.11.", "2026-11-03"),
    ("am 3.11.26", "3.11.26", "2026-11-03"),
    ("am 3.11 um zehn", "3.11", "2026-11-03"),
    ("bis spätestens Freitag, 06.11.2026, im System", "Freitag, 06.11.2026", "2026-11-06"),
    ("am Dienstag, den 3. November", "Dienstag, den 3. November", "2026-11-03"),
    ("Di., 3. Nov. 2026", "Di., 3. Nov. 2026", "2026-11-03"),
    ("Di 3.11.", "Di 3.11.", "2026-11-03"),
    ("der 1. Dezember", "1. Dezember", "2026-12-01"),
    ("am 15. März 2027", "15. März 2027", "2027-03-15"),
    ("am 15. Maerz", "15. Maerz", "2027-03-15"),
    ("seit gestern", "gestern", "2026-11-04"),
    ("vorgestern ging es", "vorgestern", "2026-11-03"),
    ("seit heute früh", "heute", "2026-11-05"),
    ("bis morgen", "morgen", "2026-11-06"),
    ("übermorgen", "übermorgen", "2026-11-07"),
    ("gestern Morgen", "gestern", "2026-11-04"),
    ("seit Montag", "Montag", "2026-11-02"),
    ("bis Freitag", "Freitag", "2026-11-06"),
    ("bis kommenden Mittwoch", "kommenden Mittwoch", "2026-11-11"),
    ("seit letztem Update am letzten Montag", "letzten Montag", "2026-11-02"),
    ("am Dienstag nächster Woche", "Dienstag nächster Woche", "2026-11-10"),
    ("Montag wurde alles gelöscht", "Montag", "2026-11-02"),
    ("vor zwei Tagen", "vor zwei Tagen", "2026-11-03"),
    ("vor einer Woche", "vor einer Woche", "2026-10-29"),
    ("in drei Tagen", "in drei Tagen", "2026-11-08"),
    ("bis Ende Januar", "Ende Januar", "2027-01-31"),
    ("Ende des Monats", "Ende des Monats", "2026-11-30"),
    ("zum Monatsende", "Monatsende", "2026-11-30"),
    ("bis Ende der Woche", "Ende der Woche", "2026-11-06"),
    ("Ende Q1", "Ende Q1", "2027-03-31"),
    ("Ende nächster Woche", "Ende nächster Woche", "2026-11-13"),
    ("bis Jahresende", "Jahresende", "2026-12-31"),
    ("Mitte Dezember", "Mitte Dezember", "2026-12-15"),
    ("in KW 47", "KW 47", "2026-11-16"),
    ("Letzte Woche Mittwoch gab es das", "Letzte Woche Mittwoch", "2026-10-28"),
    ("Dienstag in acht Tagen", "Dienstag in acht Tagen", "2026-11-17"),
    ("Ende KW 47", "Ende KW 47", "2026-11-20"),
    ("bis zum 15.", "15", "2026-11-15"),
    ("am 9. dieses Monats", "9. dieses Monats", "2026-11-09"),
    ("Urlaub vom 3. bis 5. Februar", "3. bis 5. Februar", "2027-02-03"),
]
FRENCH = [
    ("le 3 novembre 2026", "3 novembre 2026", "2026-11-03"),
    ("depuis le mardi 3 novembre", "mardi 3 novembre", "2026-11-03"),
    ("mer. 4 nov. 2026", "mer. 4 nov. 2026", "2026-11-04"),
    ("au 1er janvier", "1er janvier", "2027-01-01"),
    ("le 03/11/2026", "03/11/2026", "2026-11-03"),
    ("le 3/11", "3/11", "2026-11-03"),
    ("pas avant le 16/11", "16/11", "2026-11-16"),
    ("depuis hier", "hier", "2026-11-04"),
    ("avant-hier", "avant-hier", "2026-11-03"),
    ("aujourd'hui", "aujourd'hui", "2026-11-05"),
    ("aujourd’hui", "aujourd’hui", "2026-11-05"),
    ("d'ici demain", "demain", "2026-11-06"),
    ("après-demain", "après-demain", "2026-11-07"),
    ("depuis ce matin", "ce matin", "2026-11-05"),
    ("depuis lundi", "lundi", "2026-11-02"),
    ("avant vendredi", "vendredi", "2026-11-06"),
    ("jeudi prochain", "jeudi prochain", "2026-11-12"),
    ("mardi dernier", "mardi dernier", "2026-11-03"),
    ("lundi de la semaine prochaine", "lundi de la semaine prochaine", "2026-11-09"),
    ("la réunion de lundi 9 est annulée", "lundi 9", "2026-11-09"),
    ("il y a trois jours", "il y a trois jours", "2026-11-02"),
    ("dans deux semaines", "dans deux semaines", "2026-11-19"),
    ("d'ici la fin du mois", "fin du mois", "2026-11-30"),
    ("fin novembre", "fin novembre", "2026-11-30"),
    ("mi-décembre", "mi-décembre", "2026-12-15"),
    ("fin T1", "fin T1", "2027-03-31"),
    ("l'atelier prévu le 14 est annulé", "14", "2026-11-14"),
    ("on a eu la panne le 4 et le 5", "4", "2026-11-04"),
    ("le 9 de ce mois", "9 de ce mois", "2026-11-09"),
]
SPANISH = [
    ("el 3 de noviembre de 2026", "3 de noviembre de 2026", "2026-11-03"),
    ("desde el 3 de noviembre", "3 de noviembre", "2026-11-03"),
    ("el martes 3/11", "martes 3/11", "2026-11-03"),
    ("a más tardar el martes 10 de noviembre", "martes 10 de noviembre", "2026-11-10"),
    ("el martes diez, exacto", "martes diez", "2026-11-10"),
    ("el 1/3", "1/3", "2027-03-01"),
    ("desde ayer", "ayer", "2026-11-04"),
    ("anteayer", "anteayer", "2026-11-03"),
    ("hoy mismo", "hoy", "2026-11-05"),
    ("para mañana", "mañana", "2026-11-06"),
    ("pasado mañana", "pasado mañana", "2026-11-07"),
    ("anoche se cayó", "anoche", "2026-11-04"),
    ("desde el sábado", "sábado", "2026-10-31"),
    ("desde el sabado", "sabado", "2026-10-31"),
    ("para el viernes", "viernes", "2026-11-06"),
    ("el próximo lunes", "próximo lunes", "2026-11-09"),
    ("el lunes pasado", "lunes pasado", "2026-11-02"),
    ("el jueves de la semana que viene", "jueves de la semana que viene", "2026-11-12"),
    ("hace dos días", "hace dos días", "2026-11-03"),
    ("dentro de tres días", "dentro de tres días", "2026-11-08"),
    ("a finales de noviembre", "finales de noviembre", "2026-11-30"),
    ("a fin de mes", "fin de mes", "2026-11-30"),
    ("el 18 de diciembre", "18 de diciembre", "2026-12-18"),
    ("esta mañana", "esta mañana", "2026-11-05"),
]
NONE: list[tuple[str, Language]] = [
    ("version 2026.10.1", "en"),
    ("we are open 24/7", "en"),
    ("1/2 of the orders", "en"),
    ("3/20 pallets arrived", "en"),
    ("row 3, column 11", "en"),
    ("I may 2 see", "en"),
    ("every Friday", "en"),
    ("on a Monday", "en"),
    ("the 2nd warehouse", "en"),
    ("call 2026-1103", "en"),
    ("order 338-10927", "en"),
    ("3.11.2026.4", "en"),
    ("2026-13-40", "en"),
    ("31 February", "en"),
    ("192.168.10.11", "en"),
    ("the sun is out and I sat down", "en"),
    ("Guten Morgen zusammen", "de"),
    ("am Morgen", "de"),
    ("hier ist das Protokoll", "de"),
    ("montags und dienstags", "de"),
    ("jeden Montag", "de"),
    ("am 3. Standort", "de"),
    ("1.234,50 und 12.500", "de"),
    ("so geht das, do it, mi casa", "de"),
    ("le 3e étage", "fr"),
    ("tous les lundis", "fr"),
    ("por la mañana", "es"),
    ("todos los lunes", "es"),
    ("buenos días", "es"),
]


@pytest.mark.parametrize(("text", "words", "value"), ENGLISH)
def test_an_english_day_is_read(text: str, words: str, value: str) -> None:
    assert days(text, "en")[:1] == [(words, value)]


@pytest.mark.parametrize(("text", "words", "value"), GERMAN)
def test_a_german_day_is_read(text: str, words: str, value: str) -> None:
    assert days(text, "de")[:1] == [(words, value)]


@pytest.mark.parametrize(("text", "words", "value"), FRENCH)
def test_a_french_day_is_read(text: str, words: str, value: str) -> None:
    assert days(text, "fr")[:1] == [(words, value)]


@pytest.mark.parametrize(("text", "words", "value"), SPANISH)
def test_a_spanish_day_is_read(text: str, words: str, value: str) -> None:
    assert days(text, "es")[:1] == [(words, value)]


@pytest.mark.parametrize(("text", "language"), NONE)
def test_what_only_looks_like_a_day_is_none(text: str, language: Language) -> None:
    assert days(text, language) == []


@pytest.mark.parametrize("text", ["since yesterday", "by Friday", "on 3 November", "the 4th"])
def test_a_relative_day_says_nothing_without_the_day_of_writing(text: str) -> None:
    assert days(text, "en", None) == []


def test_days_that_nothing_tells_are_given_without_a_value_when_asked_for() -> None:
    text = "on the 9th of this month, not on 2026-11-03"
    reading = reading_of(text, "en", None)
    found = find(reading, [CandidateKind.DATE], names=NO_NAMES, parsers=PARSERS, undated=True)
    assert [(text[c.start : c.end], c.value) for c in found] == [
        ("9th of this month", None),
        ("2026-11-03", "2026-11-03"),
    ]


@pytest.mark.parametrize(
    ("text", "words", "value"),
    [
        ("entro il 15 gennaio 2027", "15 gennaio 2027", "2027-01-15"),
        ("vanaf 5 maart 2026", "5 maart 2026", "2026-03-05"),
        ("do 3 listopada 2026", "3 listopada 2026", "2026-11-03"),
    ],
)
def test_a_full_date_in_a_further_language_is_read(text: str, words: str, value: str) -> None:
    assert days(text, "") == [(words, value)]


@pytest.mark.parametrize("told", ["0001-01-01T00:00:00", "9999-12-31T23:59:59+00:00"])
def test_a_claim_to_be_from_another_age_is_no_day_of_writing(told: str) -> None:
    reading = reading_of(
        "tomorrow at 23:59, since 00:01, by Friday", "en", datetime.fromisoformat(told)
    )
    assert find(reading, [CandidateKind.DATE_TIME], names=NO_NAMES, parsers=PARSERS) == []


def test_a_day_counts_from_its_own_message() -> None:
    text = "since Monday\n> since Monday"
    quoted = Message(1, "quoted", 13, len(text), sent_at=datetime.fromisoformat("2026-10-01"))
    whole = reading_of(text, "en")
    reading = Reading(
        source=whole.source,
        messages=(Message(0, "current", 0, 13, sent_at=TOLD), quoted),
        segments=whole.segments,
        language="en",
    )
    found = find(reading, [CandidateKind.DATE], names=NO_NAMES, parsers=PARSERS)
    assert [candidate.value for candidate in found] == ["2026-11-02", "2026-09-28"]


def test_day_and_month_in_digits_go_by_the_region_and_stay_unsure_in_english() -> None:
    text = "it broke on 11/3/2026"
    reading = reading_of(text, "en")
    american = find(reading, [CandidateKind.DATE], names=NO_NAMES, parsers=PARSERS, region="US")
    british = find(reading, [CandidateKind.DATE], names=NO_NAMES, parsers=PARSERS, region="GB")
    assert american[0].value == "2026-11-03"
    assert {candidate.value for candidate in british} == {"2026-11-03", "2026-03-11"}
    assert all(candidate.confidence < 0.7 for candidate in british)


def test_both_days_are_given_where_the_words_may_mean_either() -> None:
    text = "Tuesday"
    found = find(reading_of(text, "en"), [CandidateKind.DATE], names=NO_NAMES, parsers=PARSERS)
    assert {candidate.value for candidate in found} == {"2026-11-03", "2026-11-10"}
    assert all(candidate.confidence <= 0.5 for candidate in found)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("not since 3 November", "since"),
        ("bis spätestens Freitag, 06.11.2026", "bis spatestens"),
        ("Wann aufgetreten: gestern", "wann aufgetreten"),
        ("Since when? .......... 2026-10-31", "since when"),
        ("d'ici le 3 décembre", "d'ici le"),
        ("it started on November 1", "started on"),
    ],
)
def test_a_day_carries_the_words_that_name_it(text: str, label: str) -> None:
    found = find(reading_of(text, ""), [CandidateKind.DATE], names=NO_NAMES, parsers=PARSERS)
    assert found[0].label == label


@pytest.mark.parametrize(
    "text",
    [
        "The promotion starts 1 December.",
        "The rollout is on 1 December",
        "1 December",
        "it was moved to 1 December",
        "the contract begins on 1 December",
    ],
)
def test_a_day_of_next_month_is_the_coming_one_where_nothing_puts_it_in_the_past(text: str) -> None:
    told = datetime.fromisoformat("2026-11-09T10:00:00+00:00")
    assert [value for _, value in days(text, "en", told)] == ["2026-12-01"]
