"""A batch is read line by line; a bad line is an error of its own and stops nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from copilot.cli.batches import BadLine, BatchLine, read_batch
from copilot.errors import NotFoundError, UsageError
from copilot.messages import Principal, SearchFilter, Turn


def lines_of(tmp_path: Path, *lines: object) -> list[BatchLine | BadLine]:
    file = tmp_path / "batch.jsonl"
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    file.write_text(text, encoding="utf-8")
    return list(read_batch(str(file)))


def test_a_line_gives_its_question_history_and_id(tmp_path: Path) -> None:
    history = [{"role": "user", "text": "a"}, {"role": "agent", "text": "b"}]
    [line] = lines_of(tmp_path, {"id": "q1", "question": "why?", "history": history})
    assert isinstance(line, BatchLine)
    assert (line.id, line.question) == ("q1", "why?")
    assert line.history == (Turn("user", "a"), Turn("assistant", "b"))


def test_bad_lines_stand_between_good_ones_in_order(tmp_path: Path) -> None:
    lines = lines_of(
        tmp_path,
        {"id": 1, "question": "one"},
        "{not json",
        "",
        "[1]",
        {"id": 4, "question": "  "},
        {"id": 5, "question": "five", "history": [{"role": "king", "text": "x"}]},
        {"id": 6, "question": "six", "filters": {"colour": "red"}},
        {"id": 7, "question": "seven", "filters": {"modified_after": "soon"}},
        {"id": 8, "question": "eight"},
    )
    assert [line.id for line in lines] == [1, None, None, 4, 5, 6, 7, 8]
    assert [isinstance(line, BadLine) for line in lines] == [False, *[True] * 6, False]
    unknown = lines[5]
    assert isinstance(unknown, BadLine)
    assert "colour" in unknown.error.message
    assert "path" in unknown.error.hint


def test_filters_narrow_and_never_change_who_asks(tmp_path: Path) -> None:
    filters = {"path": "docs", "modified_after": "2026-01-02"}
    [line] = lines_of(tmp_path, {"id": 1, "question": "q", "filters": filters})
    assert isinstance(line, BatchLine)
    principal = Principal("ann", ("hr",))
    where = line.filters.narrow(SearchFilter(principal=principal, source="s"))
    assert where.principal == principal
    assert where.source == "s"
    assert where.path_prefix == str(Path("docs").absolute())
    assert where.modified_after == datetime(2026, 1, 2, tzinfo=UTC)


def test_a_line_that_is_not_utf8_is_still_a_line(tmp_path: Path) -> None:
    file = tmp_path / "latin.jsonl"
    file.write_bytes(b'{"id": 1, "question": "caf\xe9?"}\n{"id": 2, "question": "next"}\n')
    assert [line.id for line in read_batch(str(file))] == [1, 2]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"absent\.jsonl"):
        list(read_batch(str(tmp_path / "absent.jsonl")))


def test_a_lines_path_never_reaches_outside_of_the_batchs(tmp_path: Path) -> None:
    inside, outside = tmp_path / "a" / "b", tmp_path / "c"
    batch = SearchFilter(path_prefix=str(tmp_path / "a"))
    lines = lines_of(
        tmp_path,
        {"id": 1, "question": "q", "filters": {"path": str(inside)}},
        {"id": 2, "question": "q", "filters": {"path": str(outside)}},
    )
    near, far = (line for line in lines if isinstance(line, BatchLine))
    assert near.filters.narrow(batch).path_prefix == str(inside)
    with pytest.raises(UsageError, match="outside"):
        far.filters.narrow(batch)


@pytest.mark.parametrize(
    "line",
    ['{"id": 1' + "0" * 5000 + ', "question": "q"}', '{"id": NaN, "question": "q"}', "[" * 9000],
    ids=["a number without end", "NaN", "brackets without end"],
)
def test_json_that_python_would_take_or_choke_on_is_one_bad_line(tmp_path: Path, line: str) -> None:
    bad, good = lines_of(tmp_path, line, {"id": 2, "question": "next"})
    assert isinstance(bad, BadLine)
    assert isinstance(good, BatchLine)


def test_half_a_character_in_a_question_becomes_one_that_can_be_embedded(tmp_path: Path) -> None:
    [line] = lines_of(tmp_path, '{"id": 1, "question": "a \\ud800 holiday"}')
    assert isinstance(line, BatchLine)
    assert line.question == "a ? holiday"


def test_a_lines_source_never_replaces_the_batchs(tmp_path: Path) -> None:
    [line] = lines_of(tmp_path, {"id": 1, "question": "q", "filters": {"source": "b"}})
    assert isinstance(line, BatchLine)
    with pytest.raises(UsageError, match="source"):
        line.filters.narrow(SearchFilter(source="a"))
