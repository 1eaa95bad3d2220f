"""A text with lit stretches: what is lit, where the cursor is, how long a text may be."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from copilot.tui import themes
from copilot.tui.lit_text import LitText, Span
from copilot.tui.text_cells import cells_between, row_breaks

MAIL = "From: Nora Bellini <nora@bellini.example>\n\nThe printer in room 4 jams.\nSince 9:00.\n"


class Page(App[None]):
    """A text and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[tuple[str, ...], bool]] = []

    def compose(self) -> ComposeResult:
        yield LitText()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return {**themes.VARIABLES}

    def on_lit_text_pointed(self, event: LitText.Pointed) -> None:
        self.told.append((event.keys, event.chosen))


def span(text: str, words: str, key: str) -> Span:
    start = text.index(words)
    return Span(start, start + len(words), key)


@asynccontextmanager
async def page(
    text: str, *spans: Span, size: tuple[int, int] = (40, 8)
) -> AsyncGenerator[tuple[Pilot[None], LitText, Page]]:
    app = Page()
    async with app.run_test(size=size) as pilot:
        widget = app.query_one(LitText)
        widget.show(text, spans)
        widget.focus()
        await app.workers.wait_for_complete()
        await pilot.pause()
        yield pilot, widget, app


def lit_words(widget: LitText, *, chosen: bool = False) -> list[str]:
    """What is underlined in the rows that stand there, or what of it is chosen."""
    return [
        segment.text
        for y in range(widget.size.height)
        for segment in widget.render_line(y)
        if segment.style and segment.style.underline and bool(segment.style.bold) >= chosen
    ]


async def test_the_words_of_the_spans_are_underlined_and_no_others() -> None:
    spans = (span(MAIL, "Nora Bellini", "name"), span(MAIL, "room 4", "place"))
    async with page(MAIL, *spans) as (_, widget, _app):
        assert lit_words(widget) == ["Nora Bellini", "room 4"]
        widget.light("place")
        assert lit_words(widget, chosen=True) == ["room 4"]


async def test_words_that_state_two_fields_are_lit_for_both() -> None:
    whole, part = span(MAIL, "room 4 jams", "title"), span(MAIL, "room 4", "place")
    async with page(MAIL, whole, part) as (_, widget, _app):
        assert widget.keys_at(part.start) == ("place", "title")
        assert widget.keys_at(whole.end - 1) == ("title",)
        widget.light("title")
        assert "".join(lit_words(widget, chosen=True)) == "room 4 jams"


async def test_lighting_a_field_scrolls_to_its_words() -> None:
    text = "x\n" * 500 + "the needle\n" + "x\n" * 500
    async with page(text, span(text, "needle", "it")) as (_, widget, _app):
        assert lit_words(widget) == []
        widget.light("it")
        assert lit_words(widget) == ["needle"]


async def test_the_cursor_tells_once_what_it_comes_upon() -> None:
    async with page(MAIL, span(MAIL, "Nora", "name")) as (pilot, widget, app):
        await pilot.press(*["right"] * 8, "down")
        await pilot.pause()
        assert app.told == [(("name",), False)]
        await pilot.press("n", "enter")
        await pilot.pause()
        assert widget.cursor == MAIL.index("Nora")
        assert app.told[1:] == [(("name",), False), (("name",), True)]


async def test_a_click_on_lit_words_chooses_their_field() -> None:
    async with page(MAIL, span(MAIL, "room 4", "place")) as (pilot, _widget, app):
        await pilot.click(LitText, offset=(17, 3))  # the first line takes two rows
        await pilot.pause()
        assert app.told == [(("place",), True)]


@pytest.mark.parametrize(
    "hostile",
    [
        "\x1b[31mred\x1b[0m",
        "\x1b]52;c;aGk=\x07",
        "\u202eevil",
        "a\x00b\x9b31m",
        "[b]x[/b]",
        "\ud800",
    ],
)
async def test_what_a_terminal_obeys_is_not_drawn_and_offsets_hold(hostile: str) -> None:
    text = f"before {hostile} after\r\nend"
    async with page(text, span(text, "after", "it")) as (_, widget, _app):
        drawn = "\n".join(widget.render_line(y).text for y in range(3))
        assert not set(drawn) & set("\x1b\x07\u202e\x00\x9b\r\ud800")
        assert lit_words(widget) == ["after"]
        if "[b]" in hostile:
            assert "[b]x[/b]" in drawn


async def test_selected_text_is_copied_without_the_breaks_of_rows() -> None:
    text = "word " * 30
    async with page(text) as (_, widget, _app):
        widget.text_select_all()
        assert widget.text_selection is not None
        assert widget.get_selection(widget.text_selection) == (text, "\n")


async def test_a_long_text_can_be_read_at_once_to_its_end() -> None:
    text = "日本語のテキスト" * 60_000 + " needle"
    async with page(text, span(text, "needle", "it")) as (pilot, widget, _app):
        await pilot.press("ctrl+end")
        await pilot.pause()
        assert lit_words(widget) == ["needle"]
        widget.styles.width = 30
        await pilot.pause()
        await pilot.app.workers.wait_for_complete()
        widget.light("it")
        await pilot.pause()
        assert lit_words(widget) == ["needle"]


async def test_spans_outside_the_text_are_left_out() -> None:
    async with page("short", Span(3, 99, "a"), Span(-1, 2, "b"), Span(2, 2, "c")) as (
        _,
        widget,
        _a,
    ):
        assert lit_words(widget) == []


WORDS = st.text(st.sampled_from("ab \t日é\u200b\x1b"), max_size=200)


@given(WORDS, st.integers(8, 40))
def test_rows_hold_the_whole_line_and_none_is_too_wide(text: str, width: int) -> None:
    edges = [0, *row_breaks(text, 0, len(text), width), len(text)]
    assert edges == sorted(edges)
    for start, end in pairwise(edges):
        assert cells_between(text, start, end) <= width or text[end - 1] == " "
