"""A document's text around a passage: from its file, or as the index has it; never all at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from copilot.bootstrap import Copilot, build
from copilot.errors import NotFoundError, ReadError
from copilot.knowledge.search import SearchRequest
from copilot.knowledge.viewing import Piece
from copilot.messages import Passage, Principal, SearchFilter
from tests.cli.conftest import run_cli

Indexed = Callable[..., Copilot]


@pytest.fixture
def indexed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Indexed:
    def make(path: Path, *flags: str) -> Copilot:
        home = tmp_path / "home"
        assert run_cli("index", "add", str(path), *flags, home=home).code == 0
        monkeypatch.setenv("COPILOT_HOME", str(home))
        return build()

    return make


def found(copilot: Copilot, words: str) -> Passage:
    result = copilot.searcher.search(SearchRequest(query=words, where=copilot.where, limit=1))
    return result.hits[0].passage


def viewed(copilot: Copilot, passage: Passage, words: str, start: int | None = None) -> Piece:
    at = passage.text.index(words)
    quote = (at, at + len(words))
    return copilot.viewing.piece(passage.id, quote, start=start, where=copilot.where)


def lit(piece: Piece) -> str:
    return piece.text[slice(*piece.lit)] if piece.lit else ""


def test_a_text_is_read_from_its_file_with_the_quote_lit_where_it_stands(
    tmp_path: Path, indexed: Indexed
) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Pager\r\n\r\nOld.\r\n\r\n- You have 45 minutes.\r\n- Then the backup.\r\n")
    copilot = indexed(page)
    passage = found(copilot, "how many minutes")
    piece = viewed(copilot, passage, "You have 45 minutes.")
    assert piece.text == "# Pager\n\nOld.\n\n- You have 45 minutes.\n- Then the backup.\n"
    assert lit(piece) == "You have 45 minutes."
    assert (piece.start, piece.stop, piece.total, piece.unit) == (0, 6, 6, "lines")
    assert piece.note == ""


def test_of_a_quote_whose_blocks_stand_apart_in_the_file_the_longest_line_is_lit(
    tmp_path: Path, indexed: Indexed
) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Pager\n\nShort.\n\n\n\nYou have 45 minutes to do it.\n", encoding="utf-8")
    copilot = indexed(page)
    passage = found(copilot, "how many minutes")
    piece = viewed(copilot, passage, passage.text[passage.text.index("Short.") :])
    assert lit(piece) == "You have 45 minutes to do it."
    assert piece.note == ""


def test_ten_megabytes_come_in_pieces_and_can_be_read_on(tmp_path: Path, indexed: Indexed) -> None:
    page = tmp_path / "long.txt"
    page.write_text("Intro.\n\nRestart the zebra gateway now.\n", encoding="utf-8")
    copilot = indexed(page)
    passage = found(copilot, "zebra gateway")
    filler = "".join(f"Line {n} says nothing much of anything at all.\n" for n in range(220_000))
    page.write_text(f"{filler}{page.read_text()}{'x' * 5_000_000}", encoding="utf-8")
    piece = viewed(copilot, passage, "Restart the zebra gateway now.")
    assert lit(piece) == "Restart the zebra gateway now."
    assert len(piece.text) < 100_000
    assert piece.total == 220_004
    assert 0 < piece.start < 220_002 < piece.stop <= piece.total
    before = viewed(copilot, passage, "zebra", start=piece.start - 600)
    assert (before.stop, before.lit, before.note) == (piece.start, (), "")
    last = viewed(copilot, passage, "zebra", start=10**9)
    assert (last.start, last.text[-2:]) == (220_003, "…\n")
    assert len(last.text) < 10_000


def test_a_quote_in_a_line_as_long_as_a_file_is_shown_with_what_is_around_it(
    tmp_path: Path, indexed: Indexed
) -> None:
    page = tmp_path / "line.txt"
    page.write_text("Restart the zebra gateway now.\n", encoding="utf-8")
    copilot = indexed(page)
    passage = found(copilot, "zebra gateway")
    page.write_text("a " * 400_000 + page.read_text().strip() + " b" * 400_000, encoding="utf-8")
    piece = viewed(copilot, passage, "Restart the zebra gateway now.")
    assert lit(piece) == "Restart the zebra gateway now."
    assert piece.text[0] == "…"
    assert len(piece.text) < 10_000


def test_what_has_changed_or_gone_since_is_said(tmp_path: Path, indexed: Indexed) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Pager\n\nYou have 45 minutes.\n", encoding="utf-8")
    copilot = indexed(page)
    passage = found(copilot, "how many minutes")
    page.write_text("# Pager\n\nYou have 5 minutes.\n", encoding="utf-8")
    piece = viewed(copilot, passage, "You have 45 minutes.")
    assert (lit(piece), "changed" in piece.note) == ("", True)
    page.unlink()
    with pytest.raises(ReadError, match="No such file"):
        viewed(copilot, passage, "You have 45 minutes.")
    with pytest.raises(NotFoundError, match="any more"):
        copilot.viewing.piece("none", (0, 1), start=None, where=copilot.where)


def test_a_document_without_lines_is_shown_as_the_index_has_it(
    tmp_path: Path, indexed: Indexed
) -> None:
    page = tmp_path / "sheet.jsonl"
    records = [
        {"id": f"r{n}", "title": f"Note {n}", "text": f"The zebra of stable {n} sleeps."}
        for n in range(3)
    ]
    page.write_text("".join(json.dumps(one) + "\n" for one in records), encoding="utf-8")
    copilot = indexed(page)
    passage = found(copilot, "zebra of stable 2")
    piece = viewed(copilot, passage, "The zebra of stable 2 sleeps.")
    assert lit(piece) == "The zebra of stable 2 sleeps."
    assert piece.unit == "passages"
    assert "stable 1" not in piece.text


def test_what_one_may_not_see_is_not_there(tmp_path: Path, indexed: Indexed) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Pager\n\nYou have 45 minutes.\n", encoding="utf-8")
    copilot = indexed(page, "--label", "ops")
    seen = SearchFilter(principal=Principal("ana", ("ops",)))
    [hit] = copilot.searcher.search(SearchRequest(query="minutes", where=seen, limit=1)).hits
    quote = (0, 8)
    assert copilot.viewing.piece(hit.passage.id, quote, start=None, where=seen).total == 3
    with pytest.raises(NotFoundError):
        copilot.viewing.piece(hit.passage.id, quote, start=None, where=copilot.where)
