"""Conversations on disk: private, whole, and shared by processes."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from copilot.adapters.conversations import files
from copilot.adapters.conversations.files import FileConversations
from copilot.errors import StorageError
from copilot.messages import Turn
from tests.corpora import REPOSITORY

ASKED, TOLD = Turn("user", "Where?"), Turn("assistant", "In room 12.")

_APPENDER = """
import sys
from pathlib import Path
from copilot.adapters.conversations.files import FileConversations
from copilot.messages import Turn
store, who = FileConversations(Path(sys.argv[1])), sys.argv[2]
for number in range(25):
    store.append("shared", [Turn("user", f"{who}/{number}"), Turn("assistant", f"{who}:{number}")])
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "home" / "sessions"


def test_a_conversation_goes_on_in_another_process_by_name(folder: Path) -> None:
    FileConversations(folder).append("shared", [ASKED, TOLD])
    subprocess.run([sys.executable, "-c", _APPENDER, str(folder), "b"], cwd=REPOSITORY, check=True)
    turns = FileConversations(folder).load("shared")
    assert turns[:4] == [ASKED, TOLD, Turn("user", "b/0"), Turn("assistant", "b:0")]
    assert FileConversations(folder).last() == "shared"


def test_exchanges_appended_at_once_stay_whole_and_none_is_lost(folder: Path) -> None:
    crowd = [
        subprocess.Popen([sys.executable, "-c", _APPENDER, str(folder), str(n)], cwd=REPOSITORY)
        for n in range(6)
    ]
    assert [process.wait() for process in crowd] == [0] * 6
    turns = FileConversations(folder).load("shared")
    pairs = [(turns[i].text, turns[i + 1].text) for i in range(0, len(turns), 2)]
    assert len(pairs) == 6 * 25
    assert all(asked.replace("/", ":") == told for asked, told in pairs)
    for who in range(6):
        mine = [asked for asked, _ in pairs if asked.startswith(f"{who}/")]
        assert mine == [f"{who}/{n}" for n in range(25)]


def test_files_and_folders_are_private_and_appear_with_the_first_turn(folder: Path) -> None:
    store = FileConversations(folder)
    assert store.names() == []
    assert not folder.parent.exists()
    store.append("morning", [ASKED])
    for path in (folder.parent, folder, folder / "morning.jsonl"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


@pytest.mark.parametrize(
    "tail",
    [b'{"at": "2026', b"\x00\x00\x00", b"[1]", b"{}\n", b"\xff\n", b"[" * 100_000],
    ids=lambda tail: repr(tail[:9]),
)
def test_a_torn_or_foreign_line_is_passed_over_and_the_next_exchange_stands(
    folder: Path, tail: bytes
) -> None:
    store = FileConversations(folder)
    store.append("morning", [ASKED])
    with (folder / "morning.jsonl").open("ab") as handle:
        handle.write(tail)
    assert store.load("morning") == [ASKED]
    store.append("morning", [TOLD])
    assert store.load("morning") == [ASKED, TOLD]


def test_foreign_files_are_no_conversations(folder: Path) -> None:
    store = FileConversations(folder)
    store.append("morning", [ASKED])
    (folder / "notes.txt").write_text("x", encoding="utf-8")
    (folder / ".hidden.jsonl").write_text("x", encoding="utf-8")
    assert store.names() == ["morning"]


def test_a_link_is_not_followed_out_of_the_folder(folder: Path, tmp_path: Path) -> None:
    store = FileConversations(folder)
    store.append("morning", [ASKED])
    outside = tmp_path / "outside"
    outside.write_text("mine\n", encoding="utf-8")
    (folder / "link.jsonl").symlink_to(outside)
    with pytest.raises(StorageError):
        store.append("link", [ASKED])
    assert outside.read_text(encoding="utf-8") == "mine\n"


def test_a_full_disk_leaves_the_conversation_as_it_was(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FileConversations(folder)
    store.append("morning", [ASKED])
    real_write = os.write

    def cut_short(descriptor: int, content: bytes) -> int:
        return real_write(descriptor, content[:7])

    with monkeypatch.context() as patched:
        patched.setattr(files.os, "write", cut_short)
        with pytest.raises(StorageError, match="full"):
            store.append("morning", [TOLD])
    assert store.load("morning") == [ASKED]
    store.append("morning", [TOLD])
    assert store.load("morning") == [ASKED, TOLD]


def test_a_folder_that_can_not_be_made_says_why(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("", encoding="utf-8")
    store = FileConversations(tmp_path / "home" / "sessions")
    assert (store.load("a"), store.names(), store.last()) == ([], [], None)
    with pytest.raises(StorageError, match="folder"):
        store.append("a", [ASKED])


def test_a_conversation_that_can_not_be_read_is_an_error_not_an_empty_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FileConversations(folder)
    store.append("morning", [ASKED])

    def fail(_: Path) -> bytes:
        raise OSError(errno.EIO, "input/output error")

    monkeypatch.setattr(Path, "read_bytes", fail)
    with pytest.raises(StorageError, match="morning"):
        store.load("morning")


def test_no_exchange_is_lost_while_others_are_dropped(folder: Path) -> None:
    store = FileConversations(folder)
    crowd = [
        subprocess.Popen([sys.executable, "-c", _APPENDER, str(folder), who], cwd=REPOSITORY)
        for who in ("keep", "drop")
    ]
    while any(process.poll() is None for process in crowd):
        store.keep_only("shared", lambda turns, by: turns[0].text.startswith("keep"))
    store.keep_only("shared", lambda turns, by: turns[0].text.startswith("keep"))
    asked = [turn.text for turn in store.load("shared") if turn.role == "user"]
    assert asked == [f"keep/{n}" for n in range(25)]


def test_dropping_leaves_no_torn_line_and_no_draft_of_an_earlier_one(folder: Path) -> None:
    store = FileConversations(folder)
    store.append("shared", [ASKED])
    store.append("shared", [TOLD])
    path, draft = folder / "shared.jsonl", folder / ".shared.jsonl.new"
    path.write_bytes(path.read_bytes() + b'{"turns": [{"role": "user", "text": "tor')
    draft.write_text("what a kill left", encoding="utf-8")
    assert store.keep_only("shared", lambda turns, by: turns == [TOLD]) == 2
    assert store.load("shared") == [TOLD]
    assert [found.name for found in folder.iterdir()] == ["shared.jsonl"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    draft.write_text("what a kill left", encoding="utf-8")
    store.keep_only("shared", lambda turns, by: False)
    assert list(folder.iterdir()) == []


def test_a_name_that_was_given_loses_nothing_that_is_appended_meanwhile(folder: Path) -> None:
    store = FileConversations(folder)
    store.append("shared", [ASKED, TOLD])
    crowd = [
        subprocess.Popen([sys.executable, "-c", _APPENDER, str(folder), who], cwd=REPOSITORY)
        for who in ("a", "b")
    ]
    given = 0
    while any(process.poll() is None for process in crowd):
        given += store.rename("shared", f"Title {given}", by="ana")
    assert len(store.load("shared")) == 2 + 2 * 2 * 25
    assert store.listed()[0].title == f"Title {given - 1}"
    assert [stat.S_IMODE(found.stat().st_mode) for found in folder.iterdir()] == [0o600]


def test_a_kill_between_draft_and_file_leaves_the_conversation_as_it_was(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FileConversations(folder)
    store.append("morning", [ASKED])
    store.rename("morning", "Room", by="ana")

    def dies(_: Path, __: Path) -> Path:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", dies)
        with pytest.raises(KeyboardInterrupt):
            store.rename("morning", "Another", by="ana")
    assert FileConversations(folder).listed()[0].title == "Room"
    store.append("morning", [TOLD])
    assert store.rename("morning", "A third", by="ana")
    assert [found.name for found in folder.iterdir()] == ["morning.jsonl"]
    assert store.load("morning") == [ASKED, TOLD]


def test_a_title_is_read_without_the_turns_after_it_and_again_only_when_they_change(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FileConversations(folder)
    for name in ("a", "b"):
        store.append(name, [Turn("user", f"{name}?")])
        for _ in range(50):
            store.append(name, [TOLD, Turn("assistant", "long " * 2_000)])
    read: list[int] = []
    opens = os.open

    def counted(path: object, *given: int) -> int:
        read.append(1)
        return opens(path, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(files.os, "open", counted)
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("read whole"))
    assert [one.title for one in store.listed()] == ["b?", "a?"]
    assert len(read) == 2
    store.listed()
    assert len(read) == 2
    store.rename("a", "Named", by="ana")
    read.clear()
    assert [one.title for one in store.listed()] == ["b?", "Named"]
    assert len(read) == 1


def test_one_that_can_not_be_read_is_listed_without_a_title(folder: Path) -> None:
    store = FileConversations(folder)
    store.append("morning", [ASKED])
    (folder / "link.jsonl").symlink_to(folder / "morning.jsonl")
    assert {one.name: one.title for one in store.listed()} == {"morning": "Where?", "link": ""}
