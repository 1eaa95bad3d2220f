"""Whatever a text is, it is taken apart without gaps, and in time that grows with its length."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot.extracted import SourceText
from copilot.extraction.reading import Reading
from copilot.extraction.texts import about, form_fields, read

PIECES = st.sampled_from(
    [
        "From: Ana Gómez <ana@acme.example>", "To: support@ours.example", "Subject: Fwd: x",
        "Date: Thu, 5 Nov 2026 10:14:27 +0100", "Von: B", "Gesendet: gestern", "An:", "De : C",
        "-----Original Message-----", "---------- Forwarded message ---------", "________________",
        "On Mon, 26 Oct 2026 at 16:55, Ana Gómez <ana@acme.example> wrote:", "On Monday,",
        "Am 12.10.2026 um 10:15 schrieb Support:", "Le jeu. 5 nov. 2026 à 16:40, Ana a écrit :",
        "> quoted", ">> deeper", ">", "> > On 1/2/2026 Ben wrote:", "Hi Sam,", "Bonjour", "Best,",
        "Mit freundlichen Grüßen", "--", "-- ", "Ana Gómez", "Sent from my iPhone", "10:42 Ana: hi",
        "[10:43] Ben: and", "AGENT: yes", "CALLER: no", "Name: Ana", "Company ..... Acme", "a\tb",
        "  at a.b.c(D.java:1)", "Traceback (most recent call last):", "```", "", " ", "\u200b",
        "P.S. one thing", "\r", "x" * 500, "<a@b>", "31.02.2026 25:61", "12.10.2026 10:15",
    ]
)  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=300),
    st.lists(PIECES, max_size=40).map("\n".join),
    st.lists(PIECES, max_size=20).map("\r\n".join),
    st.lists(st.one_of(PIECES, st.text(max_size=30)), max_size=20).map("\n".join),
)


def taken_apart(text: str, *, received_at: datetime | None = None) -> Reading:
    source = SourceText(name="x", text=text, digest="", received_at=received_at)
    return read(source, own_domains=("ours.example",))


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.sampled_from([None, datetime(2026, 11, 6, 9, tzinfo=UTC)]))
def test_segments_lie_side_by_side_and_cover_any_text(
    text: str, received_at: datetime | None
) -> None:
    reading = taken_apart(text, received_at=received_at)
    assert "".join(text[one.start : one.end] for one in reading.segments) == text
    assert all(one.start < one.end for one in reading.segments if text)
    assert [one.number for one in reading.messages] == list(range(len(reading.messages)))
    assert {one.message for one in reading.segments} == set(range(len(reading.messages)))


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_what_a_message_says_of_itself_stands_in_the_text(text: str) -> None:
    reading = taken_apart(text)
    for message in reading.messages:
        for span in (message.sender_name, message.sender_email, message.subject):
            if span is not None:
                quote = reading.quote(span)
                assert quote and quote == quote.strip()
                assert 0 <= span.start < span.end <= len(text)
    numbers = about(reading)
    assert numbers and len(set(numbers)) == len(numbers)
    assert set(numbers) <= {one.number for one in reading.messages}


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_a_form_s_fields_lie_in_their_segment(text: str) -> None:
    reading = taken_apart(text)
    for segment in reading.segments:
        for one in form_fields(text, segment.start, segment.end):
            assert segment.start <= one.label.start < one.label.end <= one.value.start
            assert one.value.start <= one.value.end <= segment.end


HOSTILE = {
    "marks": ">", "mark lines": ">\n", "openings": "On ", "line breaks": "\n", "labels": "a: \n",
    "returns": "\r", "blanks": " ", "blank lines": " \t\n", "brackets": "<", "parentheses": "(",
    "dates": "On 1/1/26 at 1:11, ", "writers": "On 1.1.2026 10:10 a wrote:\n", "froms": "From: a\n",
    "blocks": "From: a\nTo: b\nSubject: c\n\n", "rules": "-----Original Message-----\n",
    "underscores": "_", "turns": "10:10 a: b\n", "speakers": "a: b\nc: d\n", "traces": "at a.b(\n",
    "fences": "```\n", "closings": "Best regards\n", "commas": ",", "stairs": ">\n>>\n",
    "delimiters": "--\n", "addresses": "a@b.c;", "dots": "a .....", "folded": "To: a,\n ",
}  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE.keys())
def test_twice_the_text_costs_about_twice_the_work(piece: str) -> None:
    short, long = (
        lines_run(partial(taken_apart, piece * (size // len(piece)))) for size in (8_000, 16_000)
    )
    assert long < 2.5 * short + 2_000


def lines_run(call: Callable[[], object]) -> int:
    """How many lines of Python a call takes."""
    count = 0

    def trace(frame: FrameType, event: str, arg: object) -> object:
        nonlocal count
        count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return count
