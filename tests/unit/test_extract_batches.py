"""Many inputs of ``copilot extract``: in order, one failing alone, gone on with after a stop."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from copilot.adapters.system import SystemClock, new_id
from copilot.cli.extract_inputs import Piped, items, several
from copilot.cli.extracting import Extracted, Extraction, Reading, Shown, still_to_do
from copilot.cli.kept_lines import LinesFile
from copilot.errors import LimitError, ReadError, UsageError
from copilot.extracted import Evidence, FieldValue, SourceText
from copilot.extraction.assembling import Draft
from copilot.extraction.extracting import ExtractParts
from copilot.extraction.items import Item, TextReaders
from copilot.extraction.schemas import schema_of
from copilot.messages import Principal
from copilot.schemas import Schema
from copilot.testing.memory_ledger import MemoryLedger

SCHEMA = schema_of(
    {
        "type": "object",
        "x-many": True,
        "properties": {"word": {"type": ["string", "null"]}},
        "required": ["word"],
    },
    name="words",
)


def text(name: str, words: str) -> SourceText:
    return SourceText(name, words, digest=f"digest of {words}")


def inputs(*texts: str) -> list[Item]:
    return [Item(n, f"line {n}", text(f"line {n}", one), n) for n, one in enumerate(texts, 1)]


async def rules(source: SourceText, schema: Schema) -> Sequence[Draft]:
    """One record for each word; the first input takes the longest."""
    await asyncio.sleep(0.02 if "slow" in source.text else 0)
    drafts, at = [], 0
    for word in source.text.split():
        at = source.text.index(word, at)
        drafts.append({"word": FieldValue(word, Evidence(word, at, at + len(word)), 1.0)})
    return drafts


def reading(*, most: int = 1) -> Reading:
    parts = ExtractParts(rules, None, Principal(), SystemClock(), new_id)
    one = Extraction(SCHEMA, parts, writer=MemoryLedger)
    return Reading(one.read, at_once=4, most=most)


@pytest.mark.parametrize("most", [1, 3])
async def test_results_come_in_the_order_of_the_inputs_and_an_error_stands_in_its_place(
    most: int,
) -> None:
    shown: list[list[dict[str, Any]]] = []
    given = inputs("slow one", "two", "", "three", "four", "slow five", "six")
    given.insert(1, Item(0, "bad", ReadError("bad can't be read"), "bad"))

    async def take(item: Item, found: Extracted) -> None:
        shown.append(found.envelopes(item))

    code = await reading(most=most).all(given, take)
    assert [[line["id"] for line in one] for one in shown] == [
        [1, 1], ["bad"], [2], [3], [4], [5], [6, 6], [7]
    ]  # fmt: skip
    assert [one[0]["kind"] for one in shown] == [
        "record", "error", "record", "error", "record", "record", "record", "record"
    ]  # fmt: skip
    assert code == 9


async def test_groups_grow_once_all_who_read_have_something_to_do() -> None:
    sizes: list[int] = []

    async def read(items: Sequence[Item]) -> Sequence[Extracted]:
        sizes.append(len(items))
        return [Extracted() for _ in items]

    async def take(item: Item, found: Extracted) -> None:
        pass

    given = inputs(*map(str, range(30)))
    assert await Reading(read, at_once=2, most=4).all(given, take) == 0
    assert sizes == [1, 1, 2, 2, 3, 3, 4, 4, 4, 4, 2]


async def test_all_that_came_is_taken_before_more_is_waited_for() -> None:
    seen: list[object] = []

    def come() -> Iterator[Item | None]:
        for number, item in enumerate(inputs("a", "b", "c", "d"), 1):
            yield item
            if number == 3:
                yield None
                seen.append("waits")

    async def take(item: Item, found: Extracted) -> None:
        seen.append(item.number)

    assert await reading(most=3).all(come(), take) == 0
    assert seen == [1, 2, 3, "waits", 4]


async def test_what_cannot_be_read_any_more_ends_all_and_is_no_inputs_error() -> None:
    async def read(items: Sequence[Item]) -> Sequence[Extracted]:
        if items[0].number == 3:
            raise LimitError("the process is gone")
        return [Extracted()]

    taken: list[int] = []

    async def take(item: Item, found: Extracted) -> None:
        taken.append(item.number)

    with pytest.raises(LimitError):
        await Reading(read, at_once=2).all(inputs("a", "b", "c", "d", "e"), take)
    assert taken == [1, 2]


def run(path: Path, given: list[Item]) -> list[dict[str, Any]]:
    """One run of the command over ``given``; what the file then holds."""
    with LinesFile(path) as kept:
        shown = Shown(people=False, colour=False, kept=kept)

        async def take(item: Item, found: Extracted) -> None:
            shown.show(item, found)

        asyncio.run(reading().all(still_to_do(iter(given), kept, SCHEMA), take))
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def said(lines: list[dict[str, Any]]) -> list[tuple[Any, Any]]:
    return [(line.get("id"), line.get("record") or line["kind"]) for line in lines]


@pytest.mark.parametrize("cut", range(0, 2600, 130))
def test_an_interrupted_run_is_gone_on_with_wherever_it_stopped(tmp_path: Path, cut: int) -> None:
    given = [*inputs("a b c", "", "d"), Item(4, "bad", ReadError("unreadable"), "bad")]
    whole = run(tmp_path / "whole.jsonl", given)
    torn = tmp_path / "torn.jsonl"
    torn.write_bytes((tmp_path / "whole.jsonl").read_bytes()[:cut])
    assert said(run(torn, given)) == said(whole)
    assert len(whole) == 6


@pytest.mark.parametrize(
    "content",
    [
        "not json\n{}\n",
        '{"kind": "answer"}\n',
        "[1]\n",
        '{"kind": "record", "source": "crm"}\n',
        '{"kind": "record", "source": {"sha256": "", "records": "many"}}\n',
        '{"kind": "record", "source": {"sha256": "", "records": 0}}\n',
    ],
    ids=["text", "other", "list", "source", "count", "none"],
)
def test_a_file_of_something_else_is_left_alone(tmp_path: Path, content: str) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text(content, "utf-8")
    with pytest.raises(UsageError, match="holds other lines"):
        run(path, inputs("a"))
    assert path.read_text("utf-8") == content


def test_a_file_that_is_being_written_is_left_to_who_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    with LinesFile(path) as first:
        first.add('{"kind": "error", "source": {"sha256": "", "records": 1}}\n')
        with pytest.raises(UsageError, match="another copilot is writing"):
            LinesFile(path)
    with LinesFile(path) as later:
        assert len(later.done) == 1


def test_other_inputs_are_not_mixed_into_a_file(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    run(path, inputs("a", "b"))
    with pytest.raises(UsageError, match="input 2 isn't what"):
        run(path, inputs("a", "x", "c"))


def readers() -> TextReaders:
    return TextReaders(
        file=lambda path: iter([text(str(path), path.read_text("utf-8"))]),
        piped=lambda data, name: iter([text(name, data.decode())]),
        text=lambda given, name: text(name, given),
        most_bytes=100,
    )


def piped(monkeypatch: pytest.MonkeyPatch, data: bytes) -> list[Item]:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
    return list(items((), readers()))


def test_lines_of_json_in_a_pipe_are_inputs_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    data = (
        b'\n{"id": 7, "text": "One."}\n\nnope\n{"id": "x"}\n[1]\n{"text": "Two."}\n'
        b'{"id": 8, "text": "Three.", "received_at": "2026-11-22T09:00:00+01:00"}\n'
        b'{"id": 9, "text": "Four.", "received_at": "yesterday"}\n{"id": NaN, "text": "x"}'
    )
    found = piped(monkeypatch, data)
    assert [(item.number, item.id) for item in found] == [
        (1, 7), (2, None), (3, "x"), (4, None), (5, "stdin#6"), (6, 8), (7, 9), (8, None)
    ]  # fmt: skip
    texts = [item.text for item in found]
    assert [one.text if isinstance(one, SourceText) else one.message for one in texts][3:5] == [
        "stdin#5 is not a JSON object", "Two."
    ]  # fmt: skip
    assert isinstance(texts[5], SourceText) and texts[5].received_at is not None
    assert isinstance(texts[6], UsageError) and "received_at" in texts[6].message


@pytest.mark.parametrize(
    ("names", "data", "many"),
    [
        ((), b'\n{"text": "One."}\n', True),
        (("-",), b"Hello,\nit broke.", False),
        (("-",), b"", False),
        (("a.eml",), b"", False),
        (("a.jsonl",), b"", True),
        (("a.eml", "b.eml"), b"", True),
    ],
)
def test_lines_and_files_may_be_many_and_what_was_looked_at_is_read_all_the_same(
    monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...], data: bytes, many: bool
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
    piped = Piped(100)
    assert several(names, piped) is many
    if names in ((), ("-",)):
        [found] = items(names, readers(), piped=piped)
        assert isinstance(found.text, SourceText)
        assert found.text.text in ("One.", data.decode())


def test_a_pipe_that_is_named_twice_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"Hello.\n")))
    first, second = (item.text for item in items(("-", "-"), readers()))
    assert isinstance(first, SourceText) and first.text == "Hello.\n"
    assert isinstance(second, SourceText) and second.text == ""


@pytest.mark.parametrize(
    "data", [b"Hello,\n\nit broke.\n", b'{"a": 1}\n', b"\n\n  \nFrom: x\n", b"{ not json\n", b""]
)
def test_anything_else_in_a_pipe_is_one_text(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    [found] = piped(monkeypatch, data)
    assert isinstance(found.text, SourceText) and found.text.text.encode() == data
    assert found.id is None


def test_a_pipe_is_read_no_further_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    [found] = piped(monkeypatch, b"line\n" * 1000)
    assert isinstance(found.text, SourceText) and len(found.text.text) == 101


@pytest.mark.parametrize("data", [b"\n" * 10_000, b"\n" * 99 + b"{" * 9_000])
def test_no_more_is_read_to_find_a_first_line(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(data))
    monkeypatch.setattr("sys.stdin", stdin)
    piped = Piped(100)
    assert not several((), piped)
    [found] = items((), readers(), piped=piped)
    assert isinstance(found.text, SourceText) and len(found.text.text) > 100
    assert stdin.buffer.tell() < 1_000


def test_a_folder_and_a_missing_file_are_named_and_the_rest_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Hi.", "utf-8")
    names = [str(tmp_path), str(tmp_path / "gone.txt"), str(tmp_path / "a.txt")]
    folder, gone, read = (item.text for item in items(names, readers()))
    assert isinstance(folder, ReadError) and "is a folder" in folder.message
    assert not isinstance(gone, SourceText) and "isn't there" in gone.message
    assert isinstance(read, SourceText)
