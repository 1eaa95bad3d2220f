"""What is attached is read as the index would, kept private, and told by name when it can't be."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from urllib.parse import quote

import pytest

from copilot.adapters.conversations.attachments import FileAttachments
from copilot.adapters.readers.registry import read_documents
from copilot.errors import CopilotError, LimitError, NotFoundError, ReadError, UsageError
from copilot.knowledge import attaching
from copilot.knowledge.attaching import Attaching, dropped_files
from copilot.testing.hash_embedder import HashEmbedder

RUNBOOK = "# Gateway\n\nRestart it with `gwctl restart`.\n\n# Database\n\nFail over to db-4.\n"


@pytest.fixture
def store(tmp_path: Path) -> FileAttachments:
    return FileAttachments(tmp_path / "sessions")


@pytest.fixture
def desk(store: FileAttachments) -> Attaching:
    return attached_by("ana", store)


def attached_by(principal: str, store: FileAttachments) -> Attaching:
    embedder = HashEmbedder(32)
    return Attaching(store, read_documents, lambda: embedder, 256, principal)


def test_a_pasted_text_is_kept_privately_beside_its_conversation(
    desk: Attaching, tmp_path: Path
) -> None:
    kept = desk.attach_text("talk", "ERROR disk full\nINFO done\n", name="pasted 1")
    path = Path(kept.path)
    assert path.parent.parent == tmp_path / "sessions"
    assert path.read_text() == "ERROR disk full\nINFO done\n"
    for each in (path, *path.parent.iterdir()):
        assert stat.S_IMODE(each.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert desk.attached("talk") == (kept,)
    [stored] = desk.passages("talk", [kept.id]).stored
    passage = stored.passage
    assert (passage.title, passage.path) == ("pasted 1", kept.path)
    assert (passage.locator.start, passage.locator.end) == (1, 2)
    assert stored.vectors.sentences.shape[1] == 32


def test_a_file_stays_where_it_is_and_is_read_by_its_format(
    desk: Attaching, tmp_path: Path
) -> None:
    file = tmp_path / "run book.md"
    file.write_text(RUNBOOK)
    kept = desk.attach_file("talk", str(file))
    assert (kept.name, kept.path, kept.pasted) == ("run book.md", str(file), False)
    headings = [one.passage.heading_path[-1] for one in desk.passages("talk", ["1"]).stored]
    assert headings == ["Gateway", "Database"]
    file.write_text(RUNBOOK.replace("db-4", "db-12345"))
    assert "db-12345" in desk.passages("talk", ["1"]).stored[-1].passage.text
    file.unlink()
    with pytest.raises(NotFoundError, match=r"run book\.md can't be attached"):
        desk.passages("talk", ["1"])


def test_a_file_of_records_is_attached_with_all_of_them(desk: Attaching, tmp_path: Path) -> None:
    file = tmp_path / "tickets.jsonl"
    rows = [{"id": f"T-{n}", "title": "Printer", "text": f"It broke on day {n}."} for n in (1, 2)]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    kept = desk.attach_file("talk", str(file))
    paths = [one.passage.path for one in desk.passages("talk", [kept.id]).stored]
    assert paths == [f"{file}#T-1", f"{file}#T-2"]


def test_what_is_taken_away_is_searched_no_more_and_its_text_stays(desk: Attaching) -> None:
    first = desk.attach_text("talk", "one", name="pasted 1")
    second = desk.attach_text("talk", "two", name="pasted 2")
    desk.take_away("talk", first.id)
    assert desk.attached("talk") == (second,)
    assert Path(first.path).read_text() == "one"
    with pytest.raises(NotFoundError, match="nothing is attached as 1"):
        desk.passages("talk", [first.id])
    assert desk.attach_text("talk", "three", name="pasted 3").id == "3"


def test_the_same_is_attached_once(desk: Attaching, tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text(RUNBOOK)
    first = [desk.attach_text("talk", "one", name="pasted 1"), desk.attach_file("talk", str(file))]
    again = [desk.attach_text("talk", "one", name="pasted 1"), desk.attach_file("talk", str(file))]
    assert again == first == list(desk.attached("talk"))


def test_nobody_else_and_no_other_conversation_reaches_it(
    desk: Attaching, store: FileAttachments
) -> None:
    kept = desk.attach_text("talk", "the salary table", name="pasted 1")
    assert attached_by("ben", store).attached("talk") == ()
    for who, where in (("ben", "talk"), ("ana", "another")):
        with pytest.raises(NotFoundError):
            attached_by(who, store).passages(where, [kept.id])


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("empty.md", b"", "empty.md"),
        ("broken.pdf", b"%PDF-1.7 nothing of the kind", "broken.pdf"),
        ("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(90), "picture.png"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_by_name_and_not_attached(
    desk: Attaching, tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ReadError, match=told):
        desk.attach_file("talk", str(tmp_path / name))
    assert desk.attached("talk") == ()


def test_a_folder_a_pipe_and_what_is_not_there_are_no_files(
    desk: Attaching, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("", "pipe"):
        with pytest.raises(ReadError, match="is no file"):
            desk.attach_file("talk", str(tmp_path / name))
    for path in ("/nowhere/x.md", "a\0b", "x" * 5000):
        with pytest.raises(NotFoundError):
            desk.attach_file("talk", path)


def test_what_is_too_large_is_refused_with_the_way_on(
    desk: Attaching, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attaching, "LONGEST_TEXT", 99)
    monkeypatch.setattr(attaching, "LARGEST_FILE", 999)
    monkeypatch.setattr(attaching, "MOST_PASSAGES", 2)
    many = tmp_path / "many.md"
    many.write_text("".join(f"# Part {n}\n\nWords of it.\n\n" for n in range(9)))
    huge = tmp_path / "huge.md"
    huge.write_text("words " * 300)

    def refused(tried: object) -> str:
        with pytest.raises(LimitError) as told:
            tried()  # type: ignore[operator]
        assert "Index it instead" in told.value.hint
        return told.value.message

    assert refused(lambda: desk.attach_text("talk", "x" * 100, name="pasted 1")) == (
        "pasted 1 has 100 characters; 99 can be attached"
    )
    assert refused(lambda: desk.attach_file("talk", str(huge))).startswith("huge.md has")
    assert refused(lambda: desk.attach_file("talk", str(many))).startswith("many.md is too long")
    assert desk.attached("talk") == ()


def test_a_text_of_nothing_but_blanks_is_refused(desk: Attaching) -> None:
    with pytest.raises(UsageError, match="holds no text"):
        desk.attach_text("talk", " \n ", name="pasted 1")


def test_a_name_that_is_no_conversations_reaches_nothing(desk: Attaching) -> None:
    with pytest.raises(UsageError):
        desk.attach_text("../../etc", "words", name="pasted 1")


def test_what_a_terminal_pastes_for_dropped_files_is_understood(tmp_path: Path) -> None:
    names = ["a b.md", "it's.md", 'say "hi".md', "tab\\x.md", "ünï.md", "plain.md"]
    for name in names:
        (tmp_path / name).write_text("x")

    def found(typed: str) -> list[str]:
        return [path.name for path in dropped_files(typed)]

    for name in names:
        path = str(tmp_path / name)
        escaped = "".join(f"\\{sign}" if sign in " '\"\\" else sign for sign in path)
        single = "'" + path.replace("'", "'\\''") + "'"
        for typed in (path, f" {path}\n", escaped, single, f"file://{quote(path)}"):
            assert found(typed) == [name], typed
    both = f"'{tmp_path}/a b.md' {tmp_path}/plain.md"
    assert found(both) == ["a b.md", "plain.md"]


@pytest.mark.parametrize("typed", ["what's up?", "/nowhere", "", "'", "~nobody/x", "/", "a /etc"])
def test_what_is_no_file_is_none(typed: str) -> None:
    with pytest.raises(CopilotError):
        dropped_files(typed)


def test_all_of_a_conversation_goes_when_it_goes(
    desk: Attaching, store: FileAttachments, tmp_path: Path
) -> None:
    desk.attach_text("talk", "one", name="pasted 1")
    attached_by("ben", store).attach_text("talk", "two", name="pasted 1")
    assert store.names() == ["talk"]
    assert store.drop("talk", lambda one: one.by == "ana") == 1
    [left] = store.of("talk")
    assert left.by == "ben"
    assert store.drop("talk", lambda one: True) == 1
    assert list((tmp_path / "sessions").iterdir()) == []
