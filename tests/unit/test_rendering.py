"""Quotes keep their text; markers stand outside of it; locators point at the quote itself."""

from __future__ import annotations

from dataclasses import replace

from copilot.answering.quoting import Quote
from copilot.answering.rendering import cite, locate, mark, render_quotes
from copilot.messages import BlockSpan, Locator, Passage

TEXT = "Restart it:\n\n```sh\nsystemctl restart relay\nsystemctl status relay\n```"


def passage() -> Passage:
    return Passage(
        id="p",
        document_id="d",
        path="/run.md",
        title="Run",
        ordinal=0,
        text=TEXT,
        heading_path=("Run",),
        locator=Locator("lines", 10, 15),
        spans=(
            BlockSpan("paragraph", 0, 11, Locator("lines", 10, 10)),
            BlockSpan("code", 13, len(TEXT), Locator("lines", 12, 15)),
        ),
        char_start=0,
        char_end=len(TEXT),
        content_hash="h",
    )


def test_a_citation_slices_its_passage() -> None:
    citation = cite(3, passage(), 13, len(TEXT))
    assert passage().text[citation.quote_start : citation.quote_end] == citation.quote
    assert citation.locator == Locator("lines", 12, 15)


def test_a_quote_inside_a_block_is_located_to_the_line() -> None:
    start = TEXT.index("systemctl status")
    assert locate(passage(), start, start + 10) == Locator("lines", 14, 14)


def test_a_quote_over_two_blocks_is_located_over_both() -> None:
    assert locate(passage(), 0, len(TEXT)) == Locator("lines", 10, 15)


def test_a_marker_never_lands_inside_a_code_block_or_a_table() -> None:
    assert mark(TEXT, (1,)).endswith("```\n[1]")
    assert mark("| a | b |", (2,)) == "| a | b |\n[2]"
    assert mark("It is so.", (1, 2)) == "It is so. [1][2]"


def test_rows_of_one_table_are_shown_as_one_and_cited_each() -> None:
    table = "| A | B |\n| --- | --- |\n| 1 | 2 |\n| 3 | 4 |"
    shown = replace(
        passage(), text=table, spans=(BlockSpan("table", 0, len(table), Locator("lines", 1, 4)),)
    )
    header, row = table.index("| 1"), table.index("| 3")
    sentences, citations, text = render_quotes(
        [Quote(shown, 0, header - 1), Quote(shown, row, len(table))]
    )
    assert [s.citations for s in sentences] == [(1, 2)]
    assert [c.quote for c in citations] == ["| A | B |\n| --- | --- |", "| 3 | 4 |"]
    assert citations[1].locator == Locator("lines", 4, 4)
    assert text == "| A | B |\n| --- | --- |\n| 3 | 4 |\n[1][2]"


def test_a_table_goes_on_from_a_quote_that_ends_in_its_header() -> None:
    text = "Limits:\n\n| A | B |\n| --- | --- |\n| 1 | 2 |\n| 3 | 4 |"
    table = text.index("| A")
    spans = (
        BlockSpan("paragraph", 0, 7, Locator("lines", 1, 1)),
        BlockSpan("table", table, len(text), Locator("lines", 3, 6)),
    )
    shown = replace(passage(), text=text, spans=spans)
    header_end, row = text.index("\n| 1"), text.index("| 3")
    sentences, _, _ = render_quotes([Quote(shown, 0, header_end), Quote(shown, row, len(text))])
    assert [s.citations for s in sentences] == [(1, 2)]


def test_a_marker_never_lands_on_a_line_of_indented_code() -> None:
    text = "    systemctl start app"
    shown = replace(
        passage(), text=text, spans=(BlockSpan("code", 0, len(text), Locator("lines", 1, 1)),)
    )
    _, _, answer = render_quotes([Quote(shown, 0, len(text))])
    assert answer == "    systemctl start app\n[1]"
