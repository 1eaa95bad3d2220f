"""Styles add emphasis on a colour terminal and leave every other output alone."""

from __future__ import annotations

import re

from copilot.cli.styling import Styler

TEXT = (
    "## Steps\n\nRun `ls` within **60 seconds**. [1][2]\n\n```sh\necho **not bold** [3]\n```\n[4]"
)


def test_without_colour_the_text_is_untouched() -> None:
    assert Styler(on=False).prose(TEXT) == TEXT


def test_with_colour_the_words_stay_and_the_marks_go() -> None:
    shown = Styler(on=True).prose(TEXT)
    words = re.sub(r"\x1b\[[\d;]*m", "", shown)
    assert words.startswith("Steps\n\nRun ls within 60 seconds. [1][2]")
    assert "echo **not bold** [3]" in words


def test_a_code_block_that_arrives_in_pieces_stays_code() -> None:
    styler = Styler(on=True)
    styler.prose("```sh\n")
    assert "**x**" in styler.prose("echo **x**\n")
    styler.prose("```\n")
    assert "**x**" not in styler.prose("now **x**")
