"""Times of day, moments and zones in the words of four languages, told at 10:00 on 5 November."""

from __future__ import annotations

from datetime import datetime

import pytest

from copilot.adapters.parsing.dates import DateParserWords
from copilot.adapters.parsing.phones import LibPhoneNumbers
from copilot.extracted import SourceText
from copilot.extraction.candidates import Candidate, CandidateKind
from copilot.extraction.finding.finding import Parsers, find
from copilot.extraction.finding.names import NO_NAMES
from copilot.extraction.reading import Language, Message, Reading, Segment, SegmentKind

PARSERS = Parsers(phones=LibPhoneNumbers(), dates=DateParserWords())
TOLD = datetime.fromisoformat("2026-11-05T10:00:00+01:00")


def found(
    text: str, language: Language, kind: CandidateKind, told: datetime | None = TOLD
) -> list[Candidate]:
    """Candidates of one kind in a text that is one message."""
    reading = Reading(
        source=SourceText(name="t", text=text, digest="", received_at=told),
        messages=(Message(0, "current", 0, len(text)),),
        segments=(Segment(SegmentKind.BODY, 0, len(text), 0),),
        language=language,
    )
    return find(reading, [kind], names=NO_NAMES, parsers=PARSERS)


def shown(
    text: str, language: Language, kind: CandidateKind, told: datetime | None = TOLD
) -> list[tuple[str, object]]:
    """The words and the value of each."""
    return [(text[c.start : c.end], c.value) for c in found(text, language, kind, told)]


TIMES: list[tuple[str, Language, str, str]] = [
    ("at 14:05 sharp", "en", "14:05", "14:05"),
    ("at 2:15 pm", "en", "2:15 pm", "14:15"),
    ("at 2:15pm", "en", "2:15pm", "14:15"),
    ("after 2pm.", "en", "2pm", "14:00"),
    ("by 9 a.m. please", "en", "9 a.m.", "09:00"),
    ("12 am sharp", "en", "12 am", "00:00"),
    ("12:30 pm", "en", "12:30 pm", "12:30"),
    ("afternoon 2:15", "en", "afternoon 2:15", "14:15"),
    ("at evening 4:15.", "en", "evening 4:15", "16:15"),
    ("morning 11?", "en", "morning 11", "11:00"),
    ("2:30 in the afternoon", "en", "2:30 in the afternoon", "14:30"),
    ("quarter to 10 in the morning", "en", "quarter to 10 in the morning", "09:45"),
    ("quarter past two until", "en", "quarter past two", "14:15"),
    ("half past 3", "en", "half past 3", "15:30"),
    ("half past 9 in the night", "en", "half past 9 in the night", "21:30"),
    ("at half five", "en", "half five", "17:30"),
    ('2 o"clock in the afternoon', "en", '2 o"clock in the afternoon', "14:00"),
    ("at six o'clock", "en", "six o'clock", "18:00"),
    ("seven pm", "en", "seven pm", "19:00"),
    ("eight in the night", "en", "eight in the night", "20:00"),
    ("at noon", "en", "noon", "12:00"),
    ("until midnight", "en", "midnight", "00:00"),
    ("at 9, please", "en", "9", "09:00"),
    ("at 17:00:31", "en", "17:00:31", "17:00"),
    ("um 14:05 Uhr", "de", "14:05 Uhr", "14:05"),
    ("um 17.30 Uhr", "de", "17.30 Uhr", "17:30"),
    ("gegen 22 Uhr", "de", "22 Uhr", "22:00"),
    ("um 14 Uhr 30", "de", "14 Uhr 30", "14:30"),
    ("um halb neun los", "de", "halb neun", "08:30"),
    ("Viertel nach drei", "de", "Viertel nach drei", "15:15"),
    ("um Viertel vor neun", "de", "Viertel vor neun", "08:45"),
    ("dreiviertel acht", "de", "dreiviertel acht", "07:45"),
    ("um acht Uhr abends", "de", "acht Uhr abends", "20:00"),
    ("um 9, bitte", "de", "9", "09:00"),
    ("mitternachts, also um Mitternacht", "de", "Mitternacht", "00:00"),
    ("à 14h30", "fr", "14h30", "14:30"),
    ("à 14 h 30", "fr", "14 h 30", "14:30"),
    ("jusqu'à 10 h", "fr", "10 h", "10:00"),
    ("à 9 heures", "fr", "9 heures", "09:00"),
    ("vers neuf heures et demie", "fr", "neuf heures et demie", "09:30"),
    ("à dix heures moins le quart", "fr", "dix heures moins le quart", "09:45"),
    ("à 8h05 précises", "fr", "8h05", "08:05"),
    ("à 3 h de l'après-midi", "fr", "3 h de l'après-midi", "15:00"),
    ("à midi", "fr", "midi", "12:00"),
    ("a las 18:20", "es", "18:20", "18:20"),
    ("a las 9, por favor", "es", "9", "09:00"),
    ("a las cuatro y media", "es", "las cuatro y media", "16:30"),
    ("a las diez menos cuarto", "es", "las diez menos cuarto", "09:45"),
    ("a las 5 de la tarde", "es", "5 de la tarde", "17:00"),
    ("a las 8 de la mañana", "es", "8 de la mañana", "08:00"),
    ("al mediodía", "es", "mediodía", "12:00"),
]
MOMENTS: list[tuple[str, Language, str, str]] = [
    ("at 2026-11-03T06:31:07Z", "en", "2026-11-03T06:31:07Z", "2026-11-03T06:31:07Z"),
    ("2026-11-03T06:31:07+01:00", "en", "2026-11-03T06:31:07+01:00", "2026-11-03T06:31:07+01:00"),
    ("2026-11-10 03:14:09 CET", "en", "2026-11-10 03:14:09 CET", "2026-11-10T03:14:09+01:00"),
    ("2026-11-03 06:31:07,214 INFO", "en", "2026-11-03 06:31:07,214", "2026-11-03T06:31:07"),
    (
        "[03/Nov/2026:13:55:36 +0000]",
        "en",
        "03/Nov/2026:13:55:36 +0000",
        "2026-11-03T13:55:36+00:00",
    ),
    ("Nov  3 06:31:07 host", "en", "Nov  3 06:31:07", "2026-11-03T06:31:07"),
    ("on Tuesday at 9:40 we lost it", "en", "Tuesday at 9:40", "2026-11-03T09:40"),
    ("yesterday around 3pm", "en", "yesterday around 3pm", "2026-11-04T15:00"),
    ("at 5:50 this morning", "en", "5:50 this morning", "2026-11-05T05:50"),
    ("from ten to twelve last night", "en", "ten to twelve last night", "2026-11-04T23:50"),
    ("last night at 2 am", "en", "last night at 2 am", "2026-11-05T02:00"),
    ("November 5, 2026 at 4:12:40 PM PST", "en", "", "2026-11-05T16:12:40-08:00"),
    ("on 10 July 2026 at 9:00 Pacific time", "en", "", "2026-07-10T09:00-07:00"),
    ("on 10 December at 9:00 PT", "en", "", "2026-12-10T09:00-08:00"),
    (
        "4 November, 11:00 to 12:00 Europe/London",
        "en",
        "4 November, 11:00",
        "2026-11-04T11:00+00:00",
    ),
    ("on 4 Nov 2026 14:05 UTC+2", "en", "", "2026-11-04T14:05+02:00"),
    ("since 22:38 GMT", "en", "22:38 GMT", "2026-11-04T22:38+00:00"),
    ("it has been down since 7:45", "en", "7:45", "2026-11-05T07:45"),
    ("seit dem 03.11.2026 gegen 17:30 Uhr", "de", "03.11.2026 gegen 17:30 Uhr", "2026-11-03T17:30"),
    ("gestern Abend um 22 Uhr", "de", "gestern Abend um 22 Uhr", "2026-11-04T22:00"),
    ("gestern Abend um 10", "de", "gestern Abend um 10", "2026-11-04T22:00"),
    ("heute früh um 6:10", "de", "heute früh um 6:10", "2026-11-05T06:10"),
    ("am 3.11. um 9 Uhr", "de", "3.11. um 9 Uhr", "2026-11-03T09:00"),
    ("27.10.2026, 10.00 – 11.45 Uhr MEZ", "de", "27.10.2026, 10.00", "2026-10-27T10:00+01:00"),
    ("seit 7:45 geht nichts", "de", "7:45", "2026-11-05T07:45"),
    ("hier à 14 h", "fr", "hier à 14 h", "2026-11-04T14:00"),
    ("hier soir vers 22h30", "fr", "hier soir vers 22h30", "2026-11-04T22:30"),
    ("depuis 8h05 ce matin", "fr", "8h05 ce matin", "2026-11-05T08:05"),
    (
        "mardi 3 novembre 23 h 50 (heure de Paris)",
        "fr",
        "mardi 3 novembre 23 h 50 (heure de Paris)",
        "2026-11-03T23:50+01:00",
    ),
    ("le comité du mardi 10 novembre à 9 h", "fr", "mardi 10 novembre à 9 h", "2026-11-10T09:00"),
    ("ayer a las 9", "es", "ayer a las 9", "2026-11-04T09:00"),
    ("el 4 de noviembre, a las 18:20", "es", "4 de noviembre, a las 18:20", "2026-11-04T18:20"),
    (
        "El martes tres, a la tarde, tipo cuatro y media",
        "es",
        "martes tres, a la tarde, tipo cuatro y media",
        "2026-11-03T16:30",
    ),
    ("All times UTC. It began at 09:12.", "en", "09:12", "2026-11-05T09:12+00:00"),
]
SAID: list[tuple[Language, str, str]] = [
    ("en", "03:00", "it began at three in the morning"),
    ("en", "04:0", "just after four this morning"),
    ("en", "03:00", "since around 3 this morning"),
    ("en", "21:26", "alert at 2126 UTC"),
    ("en", "21:26", "at 2126 hours on 3 Nov"),
    ("en", "14:05", "began 14.05 UTC"),
    ("en", "08:12Z", "first page 08:12Z"),
    ("en", "15:15", "noticed at quarter past 3 yesterday"),
    ("en", "18:40", "twenty to seven last night"),
    ("en", "07:20", "since twenty past seven"),
    ("en", "09:30", "it started half nine this morning"),
    ("en", "16:00", "around 4 yesterday afternoon"),
    ("en", "16:00", "at 4 o'clock yesterday afternoon"),
    ("en", "23:00", "yesterday at eleven pm"),
    ("en", "2026-11-02T09:00", "Monday 9am"),
    ("en", "2026-11-02T09:00", "since 9 am on Monday"),
    ("en", "2026-11-03T17:45", "Tuesday evening, quarter to six"),
    ("en", "T13:10", "resolved 1.10pm"),
    ("en", "2026-11-03T14:02", "03.11.2026 14:02"),
    ("en", "2026-11-03T14:02", "3/11/2026, 14:02"),
    ("en", "2026-11-03T14:02", "11/03/2026 2:02 PM"),
    ("de", "03:20", "gegen zwanzig nach drei heute Nacht"),
    ("de", "15:3", "kurz nach halb vier gestern Nachmittag"),
    ("de", "07:50", "zehn vor acht heute früh"),
    ("de", "07:10", "um sieben Uhr zehn"),
    ("de", "08:35", "fünf nach halb neun"),
    ("de", "2026-11-04T15:15", "gestern Nachmittag gegen Viertel nach drei"),
    ("de", "2026-11-04T23:30", "gestern um halb zwölf nachts"),
    ("de", "2026-11-02T14:00", "Montag, 14 Uhr"),
    ("de", "2026-11-02T14:00", "seit Montagnachmittag 14 Uhr"),
    ("de", "T06:10", "heute Morgen um 6:10 Uhr"),
    ("de", "T21:40", "seit gestern 21.40"),
    ("de", "2026-11-03T08:15", "am Dienstag, 03.11., 08:15 Uhr"),
    ("de", "T16:00", "um 16h"),
    ("fr", "03:15", "vers trois heures et quart du matin"),
    ("fr", "16:00", "vers les 16 heures"),
    ("fr", "14:00", "sur le coup de 14h hier"),
    ("fr", "2026-11-04T20:40", "hier soir à 20h40"),
    ("fr", "2026-11-02T08:00", "lundi matin à 8h"),
    ("fr", "T07:30", "ce matin vers 7h30"),
    ("fr", "T02:00", "cette nuit vers 2h"),
    ("fr", "T17:00", "à cinq heures de l'après-midi hier"),
    ("fr", "T12:30", "à midi et demi"),
    ("fr", "2026-11-03T09:12", "le 3/11 à 09:12"),
    ("es", "03:00", "sobre las tres de la madrugada"),
    ("es", "06:40", "a las siete menos veinte de la mañana"),
    ("es", "2026-11-04T21:15", "ayer a las nueve y cuarto de la noche"),
    ("es", "2026-11-02T17:30", "el lunes a las 17:30 h"),
    ("es", "T08:00", "esta mañana a las 8"),
    ("es", "T16:00", "hoy a las 4 de la tarde"),
    ("es", "2026-11-03T10:05", "el 3 de noviembre a las 10.05 h"),
    ("es", "T22:30", "anoche a las diez y media"),
    ("es", "2026-11-03T10:05", "03/11/2026 10:05 hs"),
]
FURTHER: list[tuple[Language, str, str]] = [
    ("en", "2026-11-05T14:00-08:00", "Next review: Thursday 2pm PT"),
    ("de", "2026-11-02T19:45", "seit Montagabend (ca. 19:45)"),
    ("de", "2026-11-06T12:00", "bis morgen Mittag 12 Uhr"),
    ("de", "2026-11-17T10:00+01:00", "Di, 17.11., 10-11 Uhr (MEZ)"),
    ("fr", "2026-11-03T11:20", "avant-hier en fin de matinée (vers 11 h 20)"),
    ("fr", "2026-11-06T11:30", "demain entre 9h et 11h30"),
    ("fr", "2026-11-06T14:00", "demain entre 9h et 11h30 puis à partir de 14h"),
    ("fr", "2026-11-17T15:00", "On se voit mardi en huit à 15h ?"),
    ("es", "2026-11-04T09:10", "no se recuperó hasta el miércoles por la mañana (9.10 h)"),
    ("en", "2026-11-10T09:00", "10 November, 09:00-12:00"),
]
NO_TIMES: list[tuple[str, Language]] = [
    ("main.tsx:142:37", "en"),
    ("04:11 min of talk", "en"),
    ("Dauer: 00:09:47", "de"),
    ("a ratio of 16:9:4", "en"),
    ("https://a.example:80/10:20", "en"),
    ("at once, at one of the depots", "en"),
    ("3 to 5 February 2027", "en"),
    ("for 12 users", "en"),
    ("24h on 7 days", "en"),
    ("at 5 euros", "en"),
    ("at 4 %", "en"),
    ("um zwei Millimeter", "de"),
    ("in 2 h fertig", "de"),
    ("ab 3 Lizenzen", "de"),
    ("décalés d'une heure", "fr"),
    ("pendant 3 h", "fr"),
    ("a las dos personas", "es"),
    ("25:00", "en"),
]


@pytest.mark.parametrize(("text", "language", "words", "value"), TIMES)
def test_a_time_of_day_is_read(text: str, language: Language, words: str, value: str) -> None:
    assert shown(text, language, CandidateKind.TIME)[:1] == [(words, value)]


@pytest.mark.parametrize(("text", "language", "words", "value"), MOMENTS)
def test_a_day_and_its_time_are_one_moment(
    text: str, language: Language, words: str, value: str
) -> None:
    first = shown(text, language, CandidateKind.DATE_TIME)[0]
    assert first[1] == value
    assert first[0] == (words or first[0])


@pytest.mark.parametrize(("language", "part", "text"), SAID + FURTHER)
def test_a_moment_is_read_as_people_say_it(language: Language, part: str, text: str) -> None:
    values = [str(value) for _, value in shown(text, language, CandidateKind.DATE_TIME)]
    assert [value for value in values if part in value]


@pytest.mark.parametrize(("text", "language"), NO_TIMES)
def test_what_only_looks_like_a_time_is_none(text: str, language: Language) -> None:
    assert shown(text, language, CandidateKind.TIME) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("11:00 to 12:00", ["11:00", "12:00"]),
        ("from 3 to 4pm", ["15:00", "16:00"]),
        ("at 3 to 4pm", ["15:00", "16:00"]),
        ("quarter past two until three", ["14:15", "15:00"]),
        ("14:00-15:00", ["14:00", "15:00"]),
        ("9:30am - 10am", ["09:30", "10:00"]),
    ],
)
def test_a_span_has_two_times_and_the_second_is_its_end(text: str, expected: list[str]) -> None:
    times = found(text, "en", CandidateKind.TIME)
    assert [time.value for time in times] == expected
    assert times[1].label == "until"


def test_a_time_at_a_lines_start_is_called_a_stamp() -> None:
    times = found("[23:44] bot: up\n23:45 ana: since 22:00", "en", CandidateKind.TIME)
    assert [time.label for time in times] == ["stamp", "stamp", "since"]


def test_a_time_alone_has_no_day_where_the_day_of_writing_is_unknown() -> None:
    assert shown("since 7:45", "en", CandidateKind.DATE_TIME, None) == []


@pytest.mark.parametrize(
    ("text", "words", "value"),
    [
        ("at 16:00 lisbon then", "lisbon", "Europe/Lisbon"),
        ("10.00 – 11.45 Uhr MEZ", "MEZ", "CET"),
        ("à 9h, heure de Paris", "heure de Paris", "Europe/Paris"),
        ("11:00 Europe/London", "Europe/London", "Europe/London"),
        ("all times UTC", "UTC", "UTC"),
        ("3 pm PST", "PST", "-08:00"),
        ("hora de Madrid", "hora de Madrid", "Europe/Madrid"),
    ],
)
def test_a_zone_is_found_as_it_is_named(text: str, words: str, value: str) -> None:
    assert shown(text, "", CandidateKind.TIME_ZONE) == [(words, value)]


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("Um 10:00 IST der Export wieder da", "de", "2026-11-05T10:00"),
        ("DEPUIS 10:00 EST CASSÉ LE SERVICE", "fr", "2026-11-05T10:00"),
        ("It broke at 10:00 IST today", "en", "2026-11-05T10:00+05:30"),
    ],
)
def test_a_verb_in_capitals_is_no_time_zone(text: str, language: Language, value: str) -> None:
    assert [one.value for one in found(text, language, CandidateKind.DATE_TIME)] == [value]
    zones = found(text, language, CandidateKind.TIME_ZONE)
    assert [one.value for one in zones] == (["+05:30"] if "+" in value else [])


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("2026-11-12 10:00:00-10:45", ["2026-11-12T10:00:00", "2026-11-12T10:45"]),
        ("2026-11-12 10:00:00-05:00", ["2026-11-12T10:00:00-05:00"]),
        ("2026-11-12 10:00:00+05:45", ["2026-11-12T10:00:00+05:45"]),
        ("2026-11-12 10:00:00-03:30", ["2026-11-12T10:00:00-03:30"]),
        ("2026-10-30 22:14:37,512Z ERROR", ["2026-10-30T22:14:37Z"]),
        ("2026-10-30T22:14:37.512Z", ["2026-10-30T22:14:37Z"]),
        ("2026-10-30 22:14:37.512+0100", ["2026-10-30T22:14:37+01:00"]),
    ],
)
def test_an_offset_is_one_that_clocks_have(text: str, values: list[str]) -> None:
    assert [one.value for one in found(text, "en", CandidateKind.DATE_TIME)] == values
