"""Sentences are cut where people end them, and markup is stripped for matching."""

from __future__ import annotations

import pytest

from copilot.knowledge.sentences import ITEM_CHARS, UNIT_CHARS, plain, sentence_spans
from copilot.messages import BlockKind, BlockSpan, Locator


def cut(text: str, kind: BlockKind = "paragraph") -> list[str]:
    span = BlockSpan(kind, 0, len(text), Locator("lines", 1, 1))
    return [text[start:end] for start, end in sentence_spans(text, [span])]


@pytest.mark.parametrize(
    "text",
    [
        "Use e.g. the console.",
        "Set it, i.e. Enable the flag.",
        "Ask Dr. Smith about it.",
        "Version v1.2.3 of file.txt is 3.14 MB.",
        "The U.S. Government agreed.",
        "J. R. Tolkien wrote it.",
        "See fig. 3 and no. 4 for that.",
        "Wait... maybe not.",
        "It costs approx. 5 USD vs. 6 USD.",
        "Open https://example.org/a.b?c=d. now",
        "1. First step",
    ],
)
def test_stays_one_sentence(text: str) -> None:
    assert cut(text) == [text]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One. Two. Three.", 3),
        ("Really?! Yes!! Ok.", 3),
        ("It ends… Then it begins.", 2),
        ('He said "Stop." Then he left.', 2),
        ("The answer is no. Then we stop.", 2),
        ("We like pens, paper, etc. The rest goes.", 2),
        ("They moved to the U.S. The firm stayed.", 2),
        ("Take plan B. It works.", 2),
        ("Run `make`. Then `make test`.", 2),
        ("**Bold end.** Next one.", 2),
        ("it is lower case. so is this.", 2),
        ("第一句。第二句！", 2),
        ("A paragraph\n\nand another", 2),
        ("Install version 2.1. Restart.", 2),
    ],
)
def test_sentences_are_told_apart(text: str, count: int) -> None:
    assert len(cut(text)) == count


def test_a_list_item_is_one_unit_until_it_is_long() -> None:
    assert len(cut("- Do this. Then that. Then stop.", "list_item")) == 1
    assert len(cut("- " + "Do this thing now. " * (ITEM_CHARS // 10), "list_item")) > 1


def test_table_rows_and_code_lines_are_grouped_and_never_cut() -> None:
    rows = [f"| row {n} | " + "x" * 50 + " |" for n in range(20)]
    for unit in cut("\n".join(rows), "table"):
        assert set(unit.split("\n")) <= set(rows)
    code = [f"line_{n} = {n}" for n in range(200)]
    units = cut("\n".join(code), "code")
    assert len(units) > 1
    assert [line for unit in units for line in unit.split("\n")] == code


def test_text_without_any_end_is_bounded() -> None:
    assert max(map(len, cut("word " * 2000))) <= UNIT_CHARS
    assert max(map(len, cut("x" * 5000))) <= UNIT_CHARS


def test_headings_are_left_out_unless_they_are_all_there_is() -> None:
    text = "# Head\n\nBody here."
    here = Locator("lines", 1, 1)
    spans = [BlockSpan("heading", 0, 6, here, 1), BlockSpan("paragraph", 8, len(text), here)]
    assert [text[a:b] for a, b in sentence_spans(text, spans)] == ["Body here."]
    assert [text[a:b] for a, b in sentence_spans("# Head", spans[:1])] == ["# Head"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("## Title ##", "Title"),
        ("See [the *docs*](https://example.org/a_(b)) now", "See the docs now"),
        ("![A shot](shot.png) and [ref][1]", "A shot and ref"),
        ("snake_case stays, _this_ and **that** go", "snake_case stays, this and that go"),
        ("`code` and ``literal``", "code and literal"),
        (":ref:`the page <target>` and :func:`~a.b`", "the page and a.b"),
        ("`site <https://example.org>`_", "site"),
        ("a <b>bold</b> <kubectl-pod> &amp; b", "a bold <kubectl-pod> & b"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "a b 1 2"),
        ("> said\n> twice", "said twice"),
        ("- [x] done\n* open", "done open"),
        ("```py\nx = 1\n```", "x = 1"),
        ("<!-- hidden -->shown", "shown"),
        ("no markup at all", "no markup at all"),
    ],
)  # fmt: skip
def test_plain_keeps_words_and_drops_markup(text: str, words: str) -> None:
    assert plain(text) == words
