"""What must hold of passages and sentences over any text: offsets, lines, coverage, bounds."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from copilot.adapters.readers.base import Input
from copilot.adapters.readers.decoding import decode
from copilot.adapters.readers.registry import read_input
from copilot.errors import ReadError
from copilot.knowledge.sentences import plain, sentence_spans
from copilot.knowledge.splitting import SLACK, embedding_text, estimate_tokens, split
from copilot.messages import BlockSpan, Locator, ParsedDocument, Passage

WORD = st.text(alphabet="abcdeXYZ019äß你_.'`*", min_size=1, max_size=14)
LINE = st.one_of(
    st.lists(WORD, min_size=1, max_size=30).map(" ".join),
    st.sampled_from(
        [
            "",
            "# Head", "## Sub *head*", "Head\n====", "- item", "  - nested", "1. step", "> said",
            "```", "```py", "    code()", "| a | b |", "|---|---|", "| 1 | 2 |", "---", "***",
            "!!! note", '!!! note "T"', "    inside", "<div>x</div>", "<!-- c", "-->", "::",
            ".. note::", ".. code-block:: py", "   body", "====", "term\n  definition", "[a]: http://x",
            "text:", "+---+", "e.g. this. That!", "\t- tab", "* * *", "\u2028", "\x0b", "\x1b[31m",
        ]
    ),
)  # fmt: skip
TEXT = st.lists(LINE, min_size=1, max_size=60).map("\n".join)
SUFFIX = st.sampled_from([".md", ".rst", ".txt", ".py", ".yaml", ".org", ".toml"])
TARGET = st.sampled_from([32, 60, 220])


def read(text: str, suffix: str) -> ParsedDocument | None:
    try:
        (document,) = read_input(Input(Path(f"sample{suffix}"), text.encode("utf-8")))
    except ReadError:
        return None
    return document


def passages(document: ParsedDocument, target: int) -> list[Passage]:
    return split(document, document_id="d", path="/d", source="s", labels=(), target_tokens=target)


@settings(max_examples=300, deadline=None)
@given(TEXT, SUFFIX, TARGET)
def test_blocks_are_slices_of_the_lines_that_they_name(text: str, suffix: str, target: int) -> None:
    document = read(text, suffix)
    assume(document is not None)
    assert document is not None
    lines = decode(text.encode("utf-8"), "x").text.split("\n")
    for block in document.blocks:
        first, last = int(block.locator.start), int(block.locator.end)
        assert 1 <= first <= last <= len(lines)
        assert block.text in "\n".join(lines[first - 1 : last])
    for passage in passages(document, target):
        for span in passage.spans:
            first, last = int(span.locator.start), int(span.locator.end)
            piece = passage.text[span.start : span.end]
            assert piece.strip()
            assert piece in "\n".join(lines[first - 1 : last])
            # Exact to the line: the piece begins on the first line and ends on the last.
            assert piece.split("\n", 1)[0] in lines[first - 1]
            assert piece.rstrip().rsplit("\n", 1)[-1] in lines[last - 1]


@settings(max_examples=300, deadline=None)
@given(TEXT, SUFFIX, TARGET)
def test_passages_cover_the_document_in_order_once(text: str, suffix: str, target: int) -> None:
    document = read(text, suffix)
    assume(document is not None)
    assert document is not None
    found = passages(document, target)
    assert [passage.ordinal for passage in found] == list(range(len(found)))
    assert len({passage.id for passage in found}) == len(found)
    end = 0
    for passage in found:
        assert passage.char_start >= end
        end = passage.char_end
        assert passage.char_end - passage.char_start == len(passage.text)
        position = 0
        for span in passage.spans:
            assert position <= span.start < span.end <= len(passage.text)
            position = span.end
    kept = "".join("".join(passage.text.split()) for passage in found)
    assert kept == "".join("".join(block.text.split()) for block in document.blocks)


@settings(max_examples=300, deadline=None)
@given(TEXT, SUFFIX, TARGET)
def test_sentences_cover_every_word_outside_headings(text: str, suffix: str, target: int) -> None:
    document = read(text, suffix)
    assume(document is not None)
    assert document is not None
    for passage in passages(document, target):
        spans = sentence_spans(passage.text, passage.spans)
        assert spans
        position = 0
        for start, end in spans:
            assert position <= start < end <= len(passage.text)
            assert passage.text[start:end] == passage.text[start:end].strip()
            assert any(block.start <= start and end <= block.end for block in passage.spans)
            position = end
        body = [span for span in passage.spans if span.kind != "heading"] or passage.spans
        wanted = "".join("".join(passage.text[s.start : s.end].split()) for s in body)
        assert "".join("".join(passage.text[a:b].split()) for a, b in spans) == wanted


@settings(max_examples=200, deadline=None)
@given(TEXT, SUFFIX, TARGET)
def test_no_passage_is_much_longer_than_its_target(text: str, suffix: str, target: int) -> None:
    document = read(text, suffix)
    assume(document is not None)
    assert document is not None
    for passage in passages(document, target):
        body = "".join(
            passage.text[span.start : span.end] for span in passage.spans if span.kind != "heading"
        )
        longest_word = max((len(word) for word in re.findall(r"\S+", body)), default=0)
        assert estimate_tokens(body) <= target * SLACK * 1.5 + longest_word


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=3000))
def test_any_text_is_split_into_sentences_that_join_to_it(text: str) -> None:
    span = BlockSpan("paragraph", 0, len(text), Locator("lines", 1, 1))
    found = sentence_spans(text, [span])
    assert "".join("".join(text[a:b].split()) for a, b in found) == "".join(text.split())


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=2000))
def test_plain_text_is_one_line_and_adds_no_words(text: str) -> None:
    shown = plain(text)
    assert "\n" not in shown
    assert shown == shown.strip()
    if "&" not in text:  # an entity stands for a letter that isn't there
        assert not Counter(filter(str.isalnum, shown)) - Counter(filter(str.isalnum, text))


def test_plain_text_keeps_the_words_and_drops_the_marks() -> None:
    marked = "## Run **two** [backups](https://a.example/b) of `pg-orders`"
    assert plain(marked) == "Run two backups of pg-orders"


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=4000), st.sampled_from(
    ["md", "txt", "html", "csv", "jsonl", "json", "eml", "ipynb", "pdf", "docx", "xlsx", "pptx",
     "msg", "epub", "odt", "rtf", "xml", "rst", "bin", ""]
))  # fmt: skip
def test_any_bytes_are_read_or_refused(data: bytes, suffix: str) -> None:
    name = f"sample.{suffix}" if suffix else "sample"
    try:
        for document in read_input(Input(Path(name), data)):
            for passage in passages(document, 220):
                assert embedding_text(passage).encode("utf-8")
    except ReadError as error:
        assert name in error.message
        assert error.hint


SCRAPS = [
    "{\\rtf1 ", "%PDF-1.4\n", "PK\x03\x04", "<html>", "<table>", "<tr>", "<td>", "<ul><li>",
    "</li>", "<p>x", "&#0;", "<pre>", "From: a\n", "\n\n", "> q\n", "\\u99", "\\'e4", "}",
    '{"cells": [', "]", "a,b\n", '"', "MIME-Version: 1.0\n", "word ",
]  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(SCRAPS), max_size=40))
def test_scraps_of_every_format_are_read_or_refused(scraps: list[str]) -> None:
    data = "".join(scraps).encode("utf-8")
    for suffix in ("html", "eml", "rtf", "csv", "ipynb", "txt"):
        try:
            list(read_input(Input(Path(f"sample.{suffix}"), data)))
        except ReadError as error:
            assert error.hint
