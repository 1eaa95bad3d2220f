"""Markdown, reStructuredText, plain text, code, JSON Lines, tables and notebooks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from copilot.adapters.readers.base import Input
from copilot.adapters.readers.registry import read_input
from copilot.errors import ReadError
from copilot.messages import Block, ParsedDocument
from tests.documents import CODE, CSV, JSONL, MARKDOWN, RST, TEXT


def read(text: str | bytes, name: str) -> ParsedDocument:
    (document,) = read_all(text, name)
    return document


def read_all(text: str | bytes, name: str) -> list[ParsedDocument]:
    data = text.encode("utf-8") if isinstance(text, str) else text
    return list(read_input(Input(Path("/docs") / name, data)))


def kinds(blocks: Sequence[Block]) -> list[str]:
    return [block.kind for block in blocks]


# --- Markdown ------------------------------------------------------------------------------


def test_front_matter_gives_title_labels_and_date_and_stays_out_of_the_text() -> None:
    document = read(MARKDOWN, "a.md")
    assert document.title == "Refunds"
    assert document.labels == ("support", "billing")
    assert document.modified_at == datetime(2026, 3, 4, tzinfo=UTC)
    assert document.blocks[0].text == "How money goes back."
    assert document.blocks[0].locator.start == 5
    assert not any("modified_at" in block.text for block in document.blocks)


def test_markdown_blocks_are_kept_by_kind() -> None:
    found = kinds(read(MARKDOWN, "a.md").blocks)
    assert found == [
        "paragraph", "heading", "paragraph", "heading", "list_item", "list_item", "list_item",
        "paragraph", "table", "quote",
    ]  # fmt: skip


def test_an_item_keeps_its_code_and_a_nested_item_is_its_own() -> None:
    items = [b for b in read(MARKDOWN, "a.md").blocks if b.kind == "list_item"]
    assert items[2].text.startswith("2. Run the command:")
    assert "refund --order 42" in items[2].text
    assert (items[1].level, items[1].text) == (1, "   - Check that it was paid.")


def test_the_body_of_an_admonition_is_prose_not_code() -> None:
    blocks = read("!!! note\n    Inside *here*.\n\n    - item\n\nAfter.", "a.md").blocks
    assert kinds(blocks) == ["paragraph", "list_item", "paragraph"]
    assert blocks[0].text == "Inside *here*."


def test_text_nested_in_a_fence_is_left_alone() -> None:
    text = (
        '```\n!!! note\n    x = 1\n# not a heading\n```\n\n=== "Tab"\n\n    ```py\n    y\n    ```'
    )
    blocks = read(text, "a.md").blocks
    assert blocks[0].kind == "code"
    assert "# not a heading" in blocks[0].text
    assert kinds(blocks) == ["code", "paragraph", "code"]


def test_comments_rules_and_link_targets_hold_no_words() -> None:
    text = "<!-- note to self -->\n\n---\n\n[a]: http://x\n\n[TOC]\n\nText.\n\n<div></div>"
    assert [b.text for b in read(text, "a.md").blocks] == ["Text."]


@pytest.mark.parametrize(
    "front", ["labels: [a, b", "labels: 5", "labels: {a: b}", "title: x\nlabels: [1, 2]"]
)
def test_labels_that_cannot_be_understood_close_the_document(front: str) -> None:
    with pytest.raises(ReadError, match="labels"):
        read(f"---\n{front}\n---\n\nSecret text.", "a.md")


def test_broken_front_matter_without_labels_is_a_warning() -> None:
    document = read("---\ntitle: [x\n---\n\nText.", "a.md")
    assert document.warnings
    assert [b.text for b in document.blocks] == ["Text."]


def test_toml_front_matter_and_a_rule_at_the_top_are_told_apart() -> None:
    assert read('+++\ntitle = "Hugo"\n+++\nText.', "a.md").title == "Hugo"
    assert read("---\n\nText.\n\n---\n\nMore.", "a.md").blocks[0].text == "Text."


def test_a_title_falls_back_to_the_heading_then_the_name_then_the_folder() -> None:
    assert read("# The *real* `name` {#x}\n\ntext", "a.md").title == "The real name"
    assert read("text", "on-call_guide.md").title == "On call guide"
    assert read("text", "index.md").title == "Docs"


@pytest.mark.parametrize(("marker", "levels"), [("- ", 2), ("> ", 1), ("1. ", 2), ("> - ", 3)])
@pytest.mark.parametrize("depth", [60, 120, 250])
def test_what_is_nested_deep_is_read_or_said_to_be_read_without_markup(
    marker: str, levels: int, depth: int
) -> None:
    document = read(f"Before.\n\n{marker * depth}deep down\n\nAfter.\n", "a.md")
    assert document.blocks[0].text == "Before."
    assert "deep down" in " ".join(block.text for block in document.blocks)
    assert document.blocks[-1].text == "After."
    assert bool(document.warnings) == (depth * levels > 200)


# --- others --------------------------------------------------------------------------------


def test_restructured_text_has_titles_code_items_notes_and_tables() -> None:
    document = read(RST, "a.rst")
    assert document.title == "Release notes"
    assert [(b.kind, b.level) for b in document.blocks[:2]] == [("heading", 1), ("heading", 2)]
    assert kinds(document.blocks[2:]) == [
        "paragraph", "code", "list_item", "list_item", "paragraph", "table",
    ]  # fmt: skip
    assert document.blocks[3].text == "    pip install acme==2.1"
    assert "image" not in " ".join(b.text for b in document.blocks)


def test_plain_text_has_capital_headings_lists_and_indented_code() -> None:
    blocks = read(TEXT, "a.txt").blocks
    assert kinds(blocks) == [
        "heading", "paragraph", "paragraph", "list_item", "list_item", "paragraph", "code",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "stamp",
    [
        "2026-11-22T12:32:30Z ERROR",
        "2026-11-22 12:32:30,123 ERROR",
        "[2026/11/22 12:32] ERROR",
        "22/Nov/2026:12:32:30 +0000",
        "Nov 22 12:32:30 db-3 kernel:",
        "12:32:30.123 ERROR",
    ],
)
def test_each_entry_of_a_log_is_a_block_with_its_further_lines(stamp: str) -> None:
    entries = [
        f"{stamp} one",
        f"{stamp} two\n  at Gateway.java:12\nCaused by: it",
        f"{stamp} three",
    ]
    blocks = read("\n".join(entries), "app.log").blocks
    assert [block.text for block in blocks] == entries
    assert [(block.locator.start, block.locator.end) for block in blocks] == [
        (1, 1),
        (2, 4),
        (5, 5),
    ]


def test_a_text_that_only_speaks_of_times_is_prose() -> None:
    text = "At 12:00 we meet.\n2026-11-22 is the day.\nOn Nov 22 at 12:30 we\ngo home again.\n"
    assert kinds(read(text, "a.txt").blocks) == ["paragraph"]


def test_headings_without_end_in_one_paragraph_are_all_read() -> None:
    for text, name in (("* Head\n" * 3000, "a.org"), ("Head\n====\n" * 3000, "a.txt")):
        assert kinds(read(text, name).blocks) == ["heading"] * 3000


def test_half_a_character_reaches_no_part_of_a_document() -> None:
    half = "\\ud83d"
    lines = f'{{"id": "a{half}", "title": "b{half}", "text": "c{half}", "url": "d{half}"}}'
    document = read(lines, "a.jsonl")
    assert (document.fragment, document.title, document.url) == ("a?", "b?", "d?")
    assert document.blocks[0].text == "c?"
    refused = f'{{"text": "x", "labels": ["hr{half}"]}}\n{{"text": "y"}}'
    assert [d.blocks[0].text for d in read_all(refused, "a.jsonl")] == ["y"]


def test_a_file_name_that_is_not_text_reaches_no_locator() -> None:
    document = read(CSV, "prices\udcff.csv")
    assert document.blocks[0].locator.start == "prices?!A2"


def test_code_is_cut_at_definitions_and_keeps_its_indentation() -> None:
    long = CODE + "\n".join(f"def f{n}():\n    return {'1 + ' * 40}{n}\n\n" for n in range(9))
    document = read(long, "limits.py")
    assert document.title == "limits.py"
    assert len(document.blocks) > 2
    assert all(
        b.text.lstrip().startswith(('"""', "def ", "class ", "LIMIT")) for b in document.blocks
    )


def test_json_on_one_line_is_laid_out() -> None:
    document = read(json.dumps({"names": ["Ada " * 10] * 90}), "a.json")
    assert "\n" in document.blocks[0].text


def test_each_json_line_is_a_document_of_its_own() -> None:
    first, second, third = read_all(JSONL, "a.jsonl")
    assert (first.fragment, first.title, first.labels) == ("a1", "First", ("ops",))
    assert (second.fragment, second.modified_at) == ("7", datetime(2026, 1, 2, tzinfo=UTC))
    assert kinds(second.blocks) == ["heading", "paragraph"]
    assert third.blocks[0].text == "name: no text; state: open"
    assert [d.blocks[0].locator.start for d in (first, second, third)] == [1, 2, 3]


def test_a_bad_json_line_is_named_and_its_neighbours_are_read() -> None:
    lines = ['{"id": 1, "text": "ok"}', "{bad", "[1]", '{"id": 1, "text": "twice"}',
             '{"id": 2, "text": "x", "labels": 7}', '{"id": 3}']  # fmt: skip
    found = read_all("\n".join(lines), "a.jsonl")
    assert [d.fragment for d in found] == ["1", "1~4"]
    assert len(found[-1].warnings) == 5
    assert "line 2" in found[-1].warnings[0]


def test_rows_name_their_columns_and_cells() -> None:
    blocks = read(CSV, "prices.csv").blocks
    assert [b.text for b in blocks] == [
        "Plan: Pro; Seats: 10; Price: 49", "Plan: Team; Seats: 50; Price: 199",
    ]  # fmt: skip
    assert (blocks[1].locator.start, blocks[1].locator.end) == ("prices!A3", "prices!C3")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found(separator: str) -> None:
    text = "\n".join(separator.join(row) for row in (["a", "b"], ["x 1", "2"], ["y", "3"]))
    assert read(text, "t.csv").blocks[0].text == "a: x 1; b: 2"


def test_a_caption_above_a_table_does_not_hide_its_header() -> None:
    blocks = read("Prices 2026,,\n,,\nPlan,Seats,EUR\nPro,1,5\nTeam,9,7\n", "t.csv").blocks
    assert [b.text for b in blocks] == [
        "Prices 2026", "Plan: Pro; Seats: 1; EUR: 5", "Plan: Team; Seats: 9; EUR: 7",
    ]  # fmt: skip


def test_a_notebook_that_is_not_one_is_refused() -> None:
    with pytest.raises(ReadError, match="JSON"):
        read("{", "a.ipynb")
    with pytest.raises(ReadError, match="no notebook cells"):
        read("{}", "a.ipynb")
