"""Answers as lines of a screen: chips, blocks, and nothing that opens by itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style
from textual.strip import Strip

from copilot.tui.prose import Look, Prose
from copilot.tui.wording import as_markdown

LOOK = Look(width=60, base=Style(), accent="#ffaa00", faint="#888888", code="monokai")


def seen(prose: Prose) -> str:
    return "\n".join(strip.text.rstrip() for strip in prose.lines(LOOK))


def actions(lines: list[Strip]) -> list[str]:
    """What a click on the lines would do, in their order."""
    return [
        segment.style.meta["@click"]
        for strip in lines
        for segment in strip
        if segment.style is not None and "@click" in segment.style.meta
    ]


@pytest.mark.parametrize(
    ("text", "cited", "chips"),
    [
        ("Restart it [1].", None, ["cite(1)"]),
        ("Restart it [1][2].", None, ["cite(1)", "cite(2)"]),
        ("Set rows[0][1] and wait.", None, []),
        ("Restart it [1] [2].", {1, 2}, ["cite(1)", "cite(2)"]),
        ("See entry [7] of the list [1].", {1}, ["cite(1)"]),
        ("Run `argv[1]` and `x [1]`, then wait [2].", None, ["cite(2)"]),
        ("```\nargv [1]\n```\n\nThen wait [2].", None, ["cite(2)"]),
        ("Look [here](https://example.org/a) [1].", None, None),
        ("[five](5)", None, ["address('5')"]),
    ],
)
def test_a_marker_that_the_answer_cites_is_a_chip_and_nothing_else(
    text: str, cited: set[int] | None, chips: list[str] | None
) -> None:
    found = actions(Prose(text, cited).lines(LOOK))
    if chips is None:
        chips = ["address('https://example.org/a')", "cite(1)"]
    assert found == chips


def test_no_line_carries_a_link_that_a_terminal_opens() -> None:
    lines = Prose("Look [here](https://example.org) [1].").lines(LOOK)
    assert not [s for strip in lines for s in strip if s.style is not None and s.style.link]


def test_lines_fill_their_width_and_no_more() -> None:
    long = "word " * 60 + "\n\n```sh\n" + "x" * 200 + "\n```\n\n| a | b |\n| - | - |\n| 1 | 2 |\n"
    assert {strip.cell_length for strip in Prose(long).lines(LOOK)} == {62}


def test_what_is_complete_is_drawn_once() -> None:
    prose = Prose("First.\n\nSecond")
    first = prose.lines(LOOK)[0]
    prose.set("First.\n\nSecond and more.\n\nThird.")
    assert prose.lines(LOOK)[0] is first
    assert seen(prose) == "  First.\n\n  Second and more.\n\n  Third."


def test_another_text_is_drawn_anew() -> None:
    prose = Prose("First.\n\nSecond.")
    prose.set("Other.\n\nSecond.")
    assert seen(prose) == "  Other.\n\n  Second."


_WORDS = st.sampled_from(
    ["Restart", "`a [1]`", "[1]", "[2]", "\n\n", "- one", "\n", "```", "1. two", "| x |", " "]
)


@given(st.lists(_WORDS, max_size=30), st.integers(0, 200))
def test_it_ends_the_same_in_whatever_pieces_it_came(words: list[str], cut: int) -> None:
    text = " ".join(words)
    marks = [(at + 3, "✓") for at in range(len(text)) if text.startswith("[1]", at)]
    grown = Prose(text[:cut], None, [one for one in marks if one[0] <= cut])
    grown.lines(LOOK)
    grown.set(text, {1}, marks)
    assert seen(grown) == seen(Prose(text, {1}, marks))
    assert seen(grown).count("✓") <= len(marks)


@given(st.text(max_size=200))
def test_any_text_can_be_drawn(text: str) -> None:
    lines = Prose(text).lines(LOOK)
    assert all("\x1b" not in strip.text for strip in lines)


def test_a_mark_stands_behind_its_sentence_and_in_no_code() -> None:
    text = "One\x1b[2J [1]. Say [1] to it [1].\n\n```\nx = [1]\n```\n[1]\n\nEnd [1]."
    at = [at + 3 for at in range(len(text)) if text.startswith("[1]", at)]
    marks = [(at[0], "✓"), (at[2], "?"), (at[3], "!"), (at[4], "✓"), (at[5], "?")]
    prose = Prose(text, {1}, marks)
    lines = [line.strip() for line in seen(prose).splitlines() if line.strip()]
    assert lines == ["One [1]✓. Say [1] to it [1]?.", "x = [1]", "[1]✓", "End [1]?."]
    assert "wish('why')" in actions(prose.lines(LOOK))


def test_a_picture_is_its_words() -> None:
    assert as_markdown("![a cat](http://evil.example/x.png) sat") == "a cat sat"
