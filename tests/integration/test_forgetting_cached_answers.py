"""``ledger forget`` and ``ledger purge`` reach the answers that are kept to be given again."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from copilot.caching import CachedAnswer
from copilot.errors import NotFoundError
from copilot.keeping import Cutoffs
from copilot.ledger.erasing import Records, forget, purge
from copilot.messages import Answer, Status
from tests.integration.people_in_ledgers import MARK, FixedClock, made_home, records


@pytest.fixture
def kept(tmp_path: Path) -> Records:
    """What Alice asked and what Bob asked."""
    found = records(made_home(tmp_path))
    keep(found, FixedClock().now())
    return found


def keep(found: Records, at: datetime) -> None:
    for name, word in (("alice", MARK), ("bob", "pelican")):
        found.answers.keep(asked(name, word, at), None)


def asked(name: str, word: str, at: datetime) -> CachedAnswer:
    answer = Answer(Status.ANSWERED, f"The {word} does. [1]")
    return CachedAnswer(name, "", 1, f"Who has the {word}?", name, "run", at, answer)


def test_what_a_person_asked_goes_with_them_and_what_others_asked_stays(
    kept: Records, tmp_path: Path
) -> None:
    assert forget(kept, "alice", dry_run=True).cached == 1
    assert forget(kept, "alice").cached == 1
    held = [one.read_bytes() for one in tmp_path.rglob("answers.db*")]
    assert not [data for data in held if MARK.encode() in data]
    assert kept.answers.exact("bob", now=FixedClock().now()) is not None
    with pytest.raises(NotFoundError):
        forget(kept, "alice")


def test_a_cache_that_can_not_be_read_goes_whole(kept: Records, tmp_path: Path) -> None:
    [file] = tmp_path.rglob("answers.db")
    file.write_text(f"No database, and {MARK} in it. " * 100)
    with pytest.raises(NotFoundError):
        forget(kept, "alice")
    assert not file.exists()


def test_what_is_older_than_texts_may_be_is_purged(kept: Records) -> None:
    now = FixedClock().now()
    kept.answers.keep(asked("old", "heron", now - timedelta(days=6)), None)
    keep(kept, now)
    assert kept.answers.standing().entries == 3
    limits = Cutoffs(bodies=now - timedelta(days=5))
    assert purge(kept, limits, dry_run=True).cached == 1
    assert purge(kept, limits, dry_run=False).cached == 1
    assert kept.answers.standing().entries == 2
    assert purge(kept, Cutoffs(logs=now), dry_run=False).cached == 0
