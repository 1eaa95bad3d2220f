"""Texts that are too long for a product: what is left of them fits and is theirs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from copilot.adapters.sinks.lengths import Room, cut, fitted, in_bytes, shortened, units

TEXTS = st.text(max_size=300)


@given(TEXTS, st.integers(min_value=1, max_value=120), st.sampled_from([units, in_bytes, len]))
def test_a_title_fits_and_begins_as_it_did(line: str, most: int, size: object) -> None:
    assert callable(size)
    told = shortened(line, most + 3, size=size)
    assert size(told) <= most + 3
    assert told == line or (told.endswith("…") and line.startswith(told[:-1]))


@given(TEXTS, st.integers(min_value=60, max_value=200))
def test_a_text_fits_and_tells_what_is_missing(text: str, most: int) -> None:
    told = cut(text, most)
    assert units(told) <= most
    if told != text:
        head, _, note = told.rpartition("\n\n[… ")
        assert text.startswith(head)
        assert note == f"{len(text) - len(head)} more characters]"


def test_a_character_of_several_parts_is_not_taken_apart() -> None:
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    assert shortened(f"abc{family} more", 8) == "abc…"
    assert shortened("abcde\u0301fgh", 6) == "abcd…"
    assert cut("x" * 99 + "\U0001f642" + "y" * 100, 100).startswith("x" * 70)


def test_a_title_is_cut_between_words_where_there_are_some() -> None:
    assert shortened("one two three four", 12) == "one two…"
    assert shortened("one twothreefour", 12) == "one twothre…"


def test_a_title_that_the_text_says_already_is_not_said_twice() -> None:
    title = "one two three four"
    room = Room("title", "text", 12)
    told = {"title": title, "text": f"Subject: {title}\n\nIt stops."}
    assert fitted(told, room, new=True) == {**told, "title": "one two…"}
    alone = fitted({**told, "text": "It stops."}, room, new=True)
    assert alone["text"] == f"{title}\n\nIt stops."
