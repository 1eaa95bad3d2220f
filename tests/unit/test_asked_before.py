"""Earlier questions are found over all conversations by their words."""

from __future__ import annotations

import pytest

from copilot.answering.asked import AskedBefore
from copilot.messages import Turn
from copilot.testing.memory_conversations import MemoryConversations


def said(store: MemoryConversations, name: str, *questions: str) -> None:
    for text in questions:
        store.append(name, [Turn("user", text), Turn("assistant", f"Answer to {text}")])


def found(before: AskedBefore, words: str, limit: int = 99) -> list[str]:
    return [one.text for one in before.find(words, limit=limit)]


@pytest.fixture
def store() -> MemoryConversations:
    made = MemoryConversations()
    said(made, "monday", "Where is the printer?", "Who mends it?")
    said(made, "tuesday", "How is the gateway restarted?", "Where is the printer?")
    return made


def test_the_latest_comes_first_and_what_was_asked_twice_once(store: MemoryConversations) -> None:
    assert found(AskedBefore(store), "") == [
        "Where is the printer?",
        "How is the gateway restarted?",
        "Who mends it?",
    ]


def test_all_words_are_to_be_there_in_any_order_and_case(store: MemoryConversations) -> None:
    assert found(AskedBefore(store), "RESTART gate") == ["How is the gateway restarted?"]
    assert found(AskedBefore(store), "answer") == []


def test_no_more_are_told_than_wanted(store: MemoryConversations) -> None:
    assert len(found(AskedBefore(store), "", limit=2)) == 2


def test_what_was_asked_since_is_found_and_only_that_is_read_again(
    store: MemoryConversations, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, read = AskedBefore(store), []
    found(before, "")
    kept = store.kept
    monkeypatch.setattr(store, "kept", lambda name: (read.append(name), kept(name))[1])
    said(store, "monday", "Is it mended?")
    assert found(before, "")[0] == "Is it mended?"
    assert read == ["monday"]
