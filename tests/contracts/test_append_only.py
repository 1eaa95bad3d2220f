"""What every append-only place for lines promises, on disk or in memory."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from copilot.adapters.audit import AppendOnlyFile
from copilot.ports import AppendOnly
from copilot.testing.memory_audit import MemoryLines

Open = Callable[[bytes], AppendOnly]


@pytest.fixture(params=["file", "memory"])
def holding(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """Makes a place that already holds something."""

    def file(content: bytes) -> AppendOnly:
        path = tmp_path / "new" / "lines.jsonl"
        if content:
            path.parent.mkdir()
            path.write_bytes(content)
        return AppendOnlyFile(path)

    return file if request.param == "file" else MemoryLines


def test_a_new_place_is_empty_and_named(holding: Open) -> None:
    lines = holding(b"")
    assert lines.read() == b""
    assert lines.place


@pytest.mark.parametrize(
    ("content", "last", "torn"),
    [
        (b"", b"", b""),
        (b"one\n", b"one", b""),
        (b"one\ntwo\n", b"two", b""),
        (b"one\ntwo\nthr", b"two", b"thr"),
        (b"thr", b"", b"thr"),
        (b"one\n\n", b"", b""),
        (b"a" * 200_000 + b"\n", b"a" * 200_000, b""),
        (b"one\n" + b"a" * 65_532 + b"\n", b"a" * 65_532, b""),
        (b"one\n" + b"a" * 70_000 + b"\n" + b"b" * 70_000, b"a" * 70_000, b"b" * 70_000),
    ],
)
def test_a_writer_is_shown_the_last_whole_line_and_what_was_cut_short(
    holding: Open, content: bytes, last: bytes, torn: bytes
) -> None:
    lines = holding(content)
    shown: list[tuple[bytes, bytes]] = []

    def make(*tail: bytes) -> bytes:
        shown.append((tail[0], tail[1]))
        return b"next\n"

    lines.extend(make)
    assert shown == [(last, torn)]
    assert lines.read() == content + b"next\n"


def test_nothing_is_added_when_the_writer_changes_its_mind(holding: Open) -> None:
    lines = holding(b"one\n")

    def refuse(last: bytes, torn: bytes) -> bytes:
        raise LookupError(last)

    with pytest.raises(LookupError):
        lines.extend(refuse)
    assert lines.read() == b"one\n"
    lines.extend(lambda last, torn: b"two\n")
    assert lines.read() == b"one\ntwo\n"


def test_writers_follow_one_another(holding: Open) -> None:
    lines = holding(b"0\n")

    def count() -> None:
        for _ in range(25):
            lines.extend(lambda last, torn: b"%d\n" % (int(last) + 1))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert lines.read() == b"".join(b"%d\n" % n for n in range(101))
