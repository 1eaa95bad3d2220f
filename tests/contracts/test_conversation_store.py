"""What every store of conversations must do, on disk or in memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from copilot.adapters.conversations.files import FileConversations
from copilot.errors import UsageError
from copilot.messages import Turn
from copilot.talks import ConversationStore, Summary
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


def test_what_is_known_of_an_answer_stands_beside_it(store: ConversationStore) -> None:
    store.append("morning", [ASKED, TOLD], by="alice", run_id="run-1")
    store.append("morning", [ASKED, TOLD], run_id="run-2", instead_of="run-1")
    store.append("morning", [ASKED])
    first, second, third = store.kept("morning")
    assert (first.turns, first.by, first.run_id) == ((ASKED, TOLD), "alice", "run-1")
    assert (second.run_id, second.instead_of) == ("run-2", "run-1")
    assert (third.turns, third.by, third.run_id, third.instead_of) == ((ASKED,), "", "", "")
    assert first.at is not None and second.at is not None and first.at <= second.at
    assert store.kept("evening") == []


def test_all_are_listed_by_how_they_began_the_latest_first(store: ConversationStore) -> None:
    assert store.listed() == []
    store.append("one", [Turn("user", "Who\n is on  call?"), TOLD])
    store.append("two", [Turn("user", "x" * 1_000)])
    store.append("three", [ASKED])
    store.append("one", [Turn("user", "And then?")])
    listed = store.listed()
    assert [(one.name, one.title) for one in listed] == [
        ("one", "Who is on call?"),
        ("three", "Where? And when?"),
        ("two", "x" * 200),
    ]
    assert [one.touched_at for one in listed] == [store.touched(one.name) for one in listed]
    assert not any(one.pinned or one.named for one in listed)
    assert store.listed() == listed


def test_a_title_is_whose_it_is_until_it_is_taken_back(store: ConversationStore) -> None:
    store.append("morning", [ASKED, TOLD], by="alice")
    store.append("evening", [ASKED])
    before = store.touched("morning")
    assert store.rename("morning", "The «room»\u2028", by="bob")
    [_, morning] = store.listed()
    assert (morning.title, morning.named) == ("The «room»\u2028", True)
    assert store.people("morning") == {"alice", "bob"}
    assert store.load("morning") == [ASKED, TOLD]
    assert (store.touched("morning"), store.last()) == (before, "evening")
    store.append("morning", [TOLD])
    assert store.listed()[0].title == "The «room»\u2028"
    assert store.rename("morning", "", by="bob")
    assert (store.listed()[0].title, store.listed()[0].named) == ("Where? And when?", False)
    assert store.people("morning") == {"alice"}


def test_a_mark_stays_through_new_turns_and_titles(store: ConversationStore) -> None:
    store.append("morning", [ASKED])
    assert store.pin("morning", pinned=True)
    assert store.pin("morning", pinned=True)
    assert store.rename("morning", "Room 12", by="alice")
    store.append("morning", [TOLD])
    [morning] = store.listed()
    assert (morning.pinned, morning.title) == (True, "Room 12")
    assert store.pin("morning", pinned=False)
    assert not store.listed()[0].pinned
    assert store.load("morning") == [ASKED, TOLD]


def test_what_never_was_can_be_neither_named_nor_marked(store: ConversationStore) -> None:
    assert not store.rename("morning", "Room 12", by="alice")
    assert not store.pin("morning", pinned=True)
    assert (store.names(), store.listed()) == ([], [])
    store.append("morning", [ASKED])
    assert not store.listed()[0].named


def test_a_title_is_asked_about_like_a_question_of_its_giver(store: ConversationStore) -> None:
    store.append("both", [ASKED, TOLD], by="alice")
    store.append("both", [Turn("user", "Mine?")], by="bob")
    store.rename("both", "Bob's room", by="bob")
    store.pin("both", pinned=True)
    asked: list[tuple[str, str]] = []

    def not_bobs(turns: object, by: str) -> bool:
        asked.append((str(turns), by))
        return by != "bob"

    assert store.would_drop("both", not_bobs) == 2
    assert any("Bob's room" in turns and by == "bob" for turns, by in asked)
    assert store.keep_only("both", not_bobs) == 2
    [both] = store.listed()
    assert (both.title, both.named, both.pinned) == ("Where? And when?", False, True)
    assert store.people("both") == {"alice"}
    assert store.load("both") == [ASKED, TOLD]


def test_a_title_goes_with_the_last_of_its_turns(store: ConversationStore) -> None:
    store.append("both", [ASKED, TOLD], by="alice")
    store.rename("both", "Bob's room", by="bob")
    assert store.keep_only("both", lambda turns, by: by != "alice") == 2
    assert (store.names(), store.people("both")) == ([], frozenset())
    store.append("both", [ASKED])
    assert store.listed()[0].title == "Where? And when?"


SUMMARY = Summary("Somebody asked “where”.\nTwice. \u2028", 4, "f" * 64)


def test_one_summary_is_kept_with_the_turns_that_it_is_made_of(store: ConversationStore) -> None:
    assert store.summary("morning") is None
    assert not store.summarise("morning", SUMMARY, [])
    assert store.names() == []
    store.append("morning", [ASKED, TOLD], by="alice")
    store.append("morning", [ASKED])
    touched, made_of = store.touched("morning"), store.kept("morning")
    assert store.summarise("morning", Summary("An older one.", 2, "e" * 64), made_of[:1])
    assert store.summarise("morning", SUMMARY, made_of)
    assert (store.summary("morning"), store.touched("morning")) == (SUMMARY, touched)
    store.append("morning", [TOLD])
    assert store.summary("morning") == SUMMARY
    assert store.load("morning") == [ASKED, TOLD, ASKED, TOLD]
    assert store.people("morning") == {"alice"}
    assert [one.title for one in store.listed()] == ["Where? And when?"]


def test_a_summary_stays_through_titles_and_goes_with_any_turn(store: ConversationStore) -> None:
    store.append("morning", [ASKED, TOLD], by="alice")
    store.append("morning", [ASKED, TOLD], by="bob")
    store.summarise("morning", SUMMARY, store.kept("morning"))
    store.rename("morning", "Rooms", by="bob")
    store.pin("morning", pinned=True)
    assert store.would_drop("morning", lambda turns, by: True) == 0
    assert store.keep_only("morning", lambda turns, by: True) == 0
    assert store.summary("morning") == SUMMARY
    assert store.would_drop("morning", lambda turns, by: by != "alice") == 1
    assert store.summary("morning") == SUMMARY
    assert store.keep_only("morning", lambda turns, by: by != "alice") == 1
    assert store.summary("morning") is None
    assert [one.title for one in store.listed()] == ["Rooms"]


def test_a_summary_of_turns_that_are_gone_is_not_kept(store: ConversationStore) -> None:
    store.append("morning", [ASKED, TOLD], by="alice")
    store.append("morning", [ASKED, TOLD], by="bob")
    made_of = store.kept("morning")
    store.keep_only("morning", lambda turns, by: by != "alice")
    assert not store.summarise("morning", SUMMARY, made_of)
    assert store.summary("morning") is None
    store.keep_only("morning", lambda turns, by: False)
    assert not store.summarise("morning", SUMMARY, made_of)
    assert (store.names(), store.summary("morning")) == ([], None)
