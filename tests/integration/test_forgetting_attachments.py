"""What somebody attached goes with them, with its conversation, and with age."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from copilot.adapters.conversations.attachments import FileAttachments
from copilot.adapters.conversations.files import FileConversations
from copilot.errors import NotFoundError
from copilot.keeping import Cutoffs
from copilot.ledger.erasing import delete_conversation, forget, hold, purge
from copilot.messages import Turn
from tests.integration.people_in_ledgers import MARK, made_home, records

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return made_home(tmp_path)


def attached(home: Path, talk: str, by: str) -> Path:
    kept = FileAttachments(home / "sessions").keep_text(talk, MARK, name=f"{MARK} 1", by=by)
    return Path(kept.path)


def said(home: Path, talk: str, by: str) -> None:
    turns = [Turn("user", "How?"), Turn("assistant", "So.")]
    FileConversations(home / "sessions").append(talk, turns, by=by)


def texts(home: Path) -> str:
    files = (path for path in (home / "sessions").rglob("*") if path.is_file())
    return "".join(f"{path} {path.read_text()}" for path in files)


def test_what_a_person_attached_goes_with_them_from_every_conversation(home: Path) -> None:
    said(home, "shared", "alice")
    said(home, "shared", "bob")
    attached(home, "shared", "alice")
    attached(home, "never-answered", "alice")
    bobs = attached(home, "shared", "bob")
    assert forget(records(home), "alice", dry_run=True).attached == 2
    assert forget(records(home), "alice").attached == 2
    assert texts(home).count(MARK) == 2  # bob's name for it, and his text
    assert bobs.exists()
    assert not (home / "sessions" / "never-answered.attached").exists()


def test_of_nobody_else_there_is_something_to_forget(home: Path) -> None:
    attached(home, "talk", "alice")
    with pytest.raises(NotFoundError):
        forget(records(home), "carol")
    assert forget(records(home), "alice").attached == 1
    assert MARK not in texts(home)


def test_a_conversation_that_is_deleted_takes_along_what_was_attached(home: Path) -> None:
    said(home, "talk", "alice")
    attached(home, "talk", "alice")
    delete_conversation(records(home), "talk")
    assert list((home / "sessions").iterdir()) == []


def test_what_is_too_old_goes_with_its_conversation_or_alone(home: Path) -> None:
    for talk in ("old", "new"):
        said(home, talk, "alice")
        attached(home, talk, "alice")
    attached(home, "lost", "alice")
    long_ago = datetime(2020, 1, 1, tzinfo=UTC).timestamp()
    for path in (home / "sessions").rglob("*"):
        if "new" not in str(path.relative_to(home)):
            os.utime(path, (long_ago, long_ago))
    limits = Cutoffs(
        bodies=None, runs=None, conversations=NOW.replace(year=2025), logs=None, proposals=None
    )
    assert purge(records(home), limits, dry_run=True).attached == 2
    assert purge(records(home), limits, dry_run=False).attached == 2
    assert FileAttachments(home / "sessions").names() == ["new"]


def test_nothing_of_a_person_on_hold_goes(home: Path) -> None:
    attached(home, "lost", "alice")
    hold(records(home), "alice", "a claim")
    limits = Cutoffs(
        bodies=None, runs=None, conversations=datetime.now(UTC), logs=None, proposals=None
    )
    assert purge(records(home), limits, dry_run=False).attached == 0
    assert MARK in texts(home)
