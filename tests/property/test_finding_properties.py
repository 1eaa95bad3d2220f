"""Whatever the text, what is found stands there and is a value of its kind."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot.adapters.parsing.dates import DateParserWords
from copilot.adapters.parsing.phones import LibPhoneNumbers
from copilot.extracted import SourceText
from copilot.extraction.candidates import Candidate, CandidateKind
from copilot.extraction.finding.finding import Parsers, find
from copilot.extraction.finding.names import Names
from copilot.extraction.reading import Language, Message, Reading, Segment, SegmentKind

PARSERS = Parsers(phones=LibPhoneNumbers(), dates=DateParserWords())
NAMES = Names({CandidateKind.PRODUCT: {"Acme Web": ["web"], "C++": [], "Acme": []}})
TOLD = datetime.fromisoformat("2024-02-29T23:59:00+01:00")
PIECES = (
    "31.02. 29 February|30 Feb|yesterday|gestern Abend|um|halb|neun|le 4|à 14 h|hier|ayer|mañana"
    "|a las|y media|Ende|KW 53|Q1|next Friday|dix|3.11.|11/3|2026-02-29|T25:00|23:59:59|Z|+14:00"
    "|CET|Pacific time|9999|12k|€|1.234.567,89|$|CHF 3'200|%|nine out of ten|+49 30|(0)30 23125"
    "|tel|fax|00|000|@|a@b.example|www.|https://|ORD-4290|0x80070005|HTTP 502|error 16|#|v1.2.3"
    "|order no. A-1|acme web|acme's|Web|\n|\n> |, |. |: |-|–"
    "|\u00a0|\u202e|\u200b|İ|ß|\ud800|٣|１２:３０"
    "|one|two dozen|users|seit|by|since|last night|in two weeks|00:00|24:00|am 31.|first of May"
).split("|")
TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join),
    st.lists(st.sampled_from(PIECES), max_size=25).map("".join),
)


def candidates(text: str, language: Language = "", told: datetime | None = TOLD) -> list[Candidate]:
    """All that is found in a text that is one message."""
    reading = Reading(
        source=SourceText(name="t", text=text, digest="", received_at=told),
        messages=(Message(0, "current", 0, len(text)),),
        segments=(Segment(SegmentKind.BODY, 0, len(text), 0),),
        language=language,
    )
    return find(reading, list(CandidateKind), names=NAMES, parsers=PARSERS, region="DE")


def is_well_formed(candidate: Candidate) -> bool:
    """Whether the value has the form that its kind promises."""
    value = candidate.value
    match candidate.kind:
        case CandidateKind.DATE:
            return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
        case CandidateKind.DATE_TIME:
            return isinstance(value, str) and "T" in value and bool(datetime.fromisoformat(value))
        case CandidateKind.TIME:
            return (
                isinstance(value, str) and time.fromisoformat(value).isoformat("minutes") == value
            )
        case CandidateKind.PHONE:
            return isinstance(value, str) and re.fullmatch(r"\+[1-9][0-9]{4,14}", value) is not None
        case CandidateKind.MONEY:
            whole = isinstance(value, int | float) and not isinstance(value, bool)
            return whole and re.fullmatch("[A-Z]{3}", candidate.unit) is not None
        case CandidateKind.NUMBER | CandidateKind.PERCENT:
            return isinstance(value, int | float)
        case CandidateKind.EMAIL:
            return isinstance(value, str) and value.count("@") == 1 and " " not in value
        case CandidateKind.URL:
            return isinstance(value, str) and "://" in value and not re.search(r"\s", value)
        case _:
            return isinstance(value, str) and bool(value)


def stands_in(candidate: Candidate, text: str) -> bool:
    """Whether it is a value of its kind, and where it says that it is."""
    quote = text[candidate.start : candidate.end]
    return (
        0 <= candidate.start < candidate.end <= len(text)
        and quote.strip() == quote
        and 0 < candidate.confidence <= 1
        and is_well_formed(candidate)
    )


@settings(max_examples=200, deadline=None)
@given(text=TEXTS, language=st.sampled_from(["", "en", "de", "fr", "es"]))
def test_every_candidate_stands_in_the_text_and_is_well_formed(
    text: str, language: Language
) -> None:
    found = candidates(text, language)
    assert [one for one in found if not stands_in(one, text)] == []


@settings(max_examples=200, deadline=None)
@given(
    first=st.dates(date(1990, 1, 1), date(2090, 12, 31)),
    told=st.datetimes(datetime(1990, 1, 1), datetime(2090, 12, 31)),  # noqa: DTZ001
)
def test_a_full_date_means_the_same_whenever_it_was_written(first: date, told: datetime) -> None:
    text = f"since {first.isoformat()}, seit {first.day}.{first.month}.{first.year}"
    days = [c.value for c in candidates(text, "de", told) if c.kind is CandidateKind.DATE]
    assert days == [first.isoformat(), first.isoformat()]


@settings(max_examples=200, deadline=None)
@given(told=st.datetimes(datetime(1990, 1, 2), datetime(2090, 12, 31)))  # noqa: DTZ001
def test_since_a_weekday_is_in_the_week_before_and_by_it_in_the_week_to_come(
    told: datetime,
) -> None:
    since, by = (
        date.fromisoformat(str(c.value))
        for c in candidates("since Monday\n\nby Monday", "en", told)
        if c.kind is CandidateKind.DATE
    )
    assert since.weekday() == by.weekday() == 0
    assert 0 < (told.date() - since).days <= 7
    assert 0 <= (by - told.date()).days < 7


HOSTILE = [
    "1", "+", "@", "9:", "9:9:9 ", "1.", "1/", "1-", "1 ", "(", "a@", "a.", "www.", "https://a",
    "#", "$1", "€", "12,", "0x", "A-1", "v1.", "tel ", "at 1 ", "by ", "one ", "acme ", "acme web",
    "\u202e1", "\ud800", "\u200b", "٣", "１", "İ", "order no ", "error ", "P Q ", "05/05",
    "a @ b . ", "1€ ", "€1 ", "v1.2 ", "1.2.3 ", "Monday at 9 ", "9:00 9:01 ", "9h ", "INV-1234 ",
    "January ", "Monday, ", "end of ", "nine out of ", "per user ", "_A", "A_", "Err", "\n", "[1:",
]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_what_is_found_in_a_long_text_of_one_piece_stands_there_and_is_bounded(piece: str) -> None:
    """A piece holds two things of a kind at most, or one that may mean two."""
    count = 20_000 // len(piece)
    text = piece * count
    found = candidates(text, "en")
    assert [one for one in found if not stands_in(one, text)] == []
    most = Counter(candidate.kind for candidate in found)
    assert all(number <= 2 * count for number in most.values())
    assert most[CandidateKind.DATE] <= 5_000 and most[CandidateKind.TIME] <= 5_000
