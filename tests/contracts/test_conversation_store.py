"""What every store of conversations must do, on disk or in memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from copilot.adapters.conversations.files import FileConversations
from copilot.errors import UsageError
from copilot.messages import Turn
from copilot.ports import ConversationStore
from copilot.testing.memory_conversations import MemoryConversations

ASKED, TOLD = Turn("user", "Where?\nAnd when?"), Turn("assistant", "In room 12 — «now». \u2028")

IMPOSSIBLE = [
    "",
    " ",
    ".",
    "..",
    "../up",
    "a/b",
    "/etc/passwd",
    "a\\b/",
    ".hidden",
    "-n",
    "_",
    "a b",
    "a\n",
    "a\x00b",
    "a\x1b[31m",
    "\ud800",
    "a" * 201,
    "ü" * 101,
    "CON:",
    "\u202eabc",
]


@pytest.fixture(params=["files", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ConversationStore:
    if request.param == "memory":
        return MemoryConversations()
    return FileConversations(tmp_path / "home" / "sessions")


def test_a_conversation_that_never_was_is_empty(store: ConversationStore) -> None:
    assert store.load("morning") == []
    assert store.last() is None
    assert store.names() == []


def test_turns_come_back_in_order_and_unchanged(store: ConversationStore) -> None:
    store.append("morning", [ASKED, TOLD])
    store.append("morning", [Turn("user", "And then?")])
    assert store.load("morning") == [ASKED, TOLD, Turn("user", "And then?")]


def test_conversations_do_not_mix(store: ConversationStore) -> None:
    store.append("one", [ASKED])
    store.append("two", [TOLD])
    assert (store.load("one"), store.load("two")) == ([ASKED], [TOLD])
    assert store.names() == ["one", "two"]


def test_the_last_conversation_is_the_one_appended_to_last(store: ConversationStore) -> None:
    for name in ("b", "a", "c", "a"):
        store.append(name, [ASKED])
    assert store.last() == "a"
    store.load("b")
    assert store.last() == "a"


def test_appending_nothing_makes_no_conversation(store: ConversationStore) -> None:
    store.append("morning", [])
    assert store.names() == []


@pytest.mark.parametrize("name", ["a", "Über-1", "2026.11.21_x", "会議", "x" * 200])
def test_a_plain_name_of_any_script_is_kept(store: ConversationStore, name: str) -> None:
    store.append(name, [ASKED])
    assert store.names() == [name]
    assert store.last() == name


def test_two_spellings_of_one_name_are_one_conversation(store: ConversationStore) -> None:
    store.append("u\u0308ber", [ASKED])
    assert store.load("\u00fcber") == [ASKED]
    assert store.names() == ["\u00fcber"]


@pytest.mark.parametrize("name", IMPOSSIBLE, ids=ascii)
def test_a_name_that_can_not_be_a_file_is_refused(store: ConversationStore, name: str) -> None:
    with pytest.raises(UsageError, match="conversation"):
        store.append(name, [ASKED])
    with pytest.raises(UsageError, match="conversation"):
        store.load(name)


def test_what_was_appended_together_goes_or_stays_together(store: ConversationStore) -> None:
    store.append("morning", [ASKED, TOLD])
    store.append("morning", [Turn("user", "Mine?"), TOLD])
    store.append("morning", [ASKED])
    assert store.keep_only("morning", lambda turns, by: turns[0] == ASKED) == 1
    assert store.load("morning") == [ASKED, TOLD, ASKED]
    store.append("morning", [Turn("user", "And then?")])
    assert store.load("morning")[-1] == Turn("user", "And then?")


def test_a_conversation_of_which_nothing_is_wanted_is_gone(store: ConversationStore) -> None:
    store.append("morning", [ASKED, TOLD])
    store.append("evening", [ASKED])
    assert store.keep_only("morning", lambda turns, by: False) == 1
    assert (store.names(), store.load("morning"), store.last()) == (["evening"], [], "evening")
    assert store.keep_only("morning", lambda turns, by: False) == 0


def test_dropping_turns_does_not_count_as_touching(store: ConversationStore) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    store.append("morning", [ASKED])
    store.append("morning", [TOLD])
    store.append("evening", [ASKED])
    touched = store.touched("morning")
    assert touched is not None and before < touched
    store.keep_only("morning", lambda turns, by: turns == [TOLD])
    assert (store.touched("morning"), store.last()) == (touched, "evening")
    assert store.touched("night") is None


def test_who_took_part_is_told_and_decides_what_stays(store: ConversationStore) -> None:
    store.append("both", [ASKED, TOLD], by="alice")
    store.append("both", [ASKED], by="bob")
    store.append("both", [TOLD])
    assert store.people("both") == {"alice", "bob"}
    assert store.people("evening") == frozenset()
    assert store.would_drop("both", lambda turns, by: by != "alice") == 1
    assert len(store.load("both")) == 4
    assert store.keep_only("both", lambda turns, by: by != "alice") == 1
    assert (store.load("both"), store.people("both")) == ([ASKED, TOLD], {"bob"})
