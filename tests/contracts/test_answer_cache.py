"""What both caches of answers honour: the one in a file and the one in memory."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from copilot.adapters.cache import build_answers
from copilot.caching import AnswerCache, Bounds, CachedAnswer, CacheStanding, Switched
from copilot.errors import StorageError
from copilot.messages import Answer, Sentence, Status, Support, Usage
from copilot.testing.memory_answers import MemoryAnswers

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
EAST, NORTH = np.array([1, 0], dtype=np.float32), np.array([0, 1], dtype=np.float32)
NEAR_EAST = np.array([0.8, 0.6], dtype=np.float32)
Build = Callable[[Bounds], AnswerCache]


@pytest.fixture(params=["file", "memory"])
def build(request: pytest.FixtureRequest, tmp_path: Path) -> Build:
    file = tmp_path / "cache" / "answers.db"
    return MemoryAnswers if request.param == "memory" else lambda b: build_answers(file, b)


@pytest.fixture
def store(build: Build) -> AnswerCache:
    return build(Bounds(entries=10, bytes=100_000, days=1))


def cached(key: str, *, partition: str = "p", at: datetime = NOON, by: str = "ada") -> CachedAnswer:
    sentence = Sentence(f"It is {key}, as Señor Ñ said 🙂.", (1,), Support.VERBATIM)
    return CachedAnswer(
        key=key,
        partition=partition,
        index_version=3,
        question=f"What is {key}?",
        principal=by,
        run_id=f"run-{key}",
        at=at,
        answer=Answer(
            Status.ANSWERED,
            sentence.text,
            (sentence,),
            usage=Usage("openai/x", 10, 5, 70),
            notes=("a note",),
        ),
        given=("a", "b"),
        took_ms=12.5,
    )


def test_an_empty_one_knows_nothing(store: AnswerCache) -> None:
    assert store.exact("a", now=NOON) is None
    assert list(store.nearest("p", EAST, least=0, limit=3, now=NOON)) == []
    assert store.off() is None
    assert not store.knows("What is a?")
    assert store.standing() == CacheStanding()
    assert (store.forget("ada"), store.drop_before(NOON), store.clear()) == (0, 0, 0)


def test_an_answer_is_found_by_its_key_as_it_was_kept(store: AnswerCache) -> None:
    store.keep(cached("a"), EAST)
    assert store.exact("a", now=NOON) == cached("a")
    assert store.exact("b", now=NOON) is None
    assert store.knows("What is a?")
    assert not store.knows("What is b?")
    store.keep(replace(cached("a"), took_ms=1.0), None)
    assert store.exact("a", now=NOON) == replace(cached("a"), took_ms=1.0)
    assert list(store.nearest("p", EAST, least=0, limit=3, now=NOON)) == []


def test_near_questions_are_found_in_their_partition_only_the_nearest_first(
    store: AnswerCache,
) -> None:
    store.keep(cached("near"), NEAR_EAST)
    store.keep(cached("same"), EAST)
    store.keep(cached("far"), NORTH)
    store.keep(cached("other", partition="q"), EAST)
    store.keep(cached("wide"), np.ones(3, dtype=np.float32))
    found = store.nearest("p", EAST, least=0.7, limit=5, now=NOON)
    assert [one.cached for one in found] == [cached("same"), cached("near")]
    assert [one.similarity for one in found] == pytest.approx([1.0, 0.8])
    (first,) = store.nearest("p", EAST, least=0.7, limit=1, now=NOON)
    assert first.cached.key == "same"


def test_what_is_too_old_is_not_given_and_goes_with_the_next_that_is_kept(
    store: AnswerCache,
) -> None:
    store.keep(cached("a"), EAST)
    later = NOON + timedelta(days=1, seconds=1)
    assert store.exact("a", now=later) is None
    assert list(store.nearest("p", EAST, least=0, limit=3, now=later)) == []
    store.keep(cached("b", at=later), EAST)
    assert store.standing().entries == 1


def test_what_is_too_old_goes_with_the_next_question_also_where_nothing_is_kept(
    store: AnswerCache,
) -> None:
    store.keep(cached("a"), EAST)
    store.looked(None, now=NOON + timedelta(hours=23))
    assert store.standing().entries == 1
    store.looked(None, now=NOON + timedelta(days=1, seconds=1))
    assert (store.standing().entries, store.standing().looks) == (0, 2)


def test_what_a_clock_that_was_wrong_dated_ahead_is_not_given_and_goes(store: AnswerCache) -> None:
    store.keep(cached("next year", at=NOON + timedelta(days=365)), EAST)
    assert store.exact("next year", now=NOON) is None
    assert list(store.nearest("p", EAST, least=0, limit=3, now=NOON)) == []
    store.keep(cached("a"), EAST)
    assert store.standing().entries == 1
    store.keep(cached("next year", at=NOON + timedelta(days=365)), EAST)
    store.looked(None, now=NOON)
    assert store.standing().entries == 0


def test_clocks_that_differ_by_hours_cost_no_answer(store: AnswerCache) -> None:
    store.keep(cached("a", at=NOON + timedelta(hours=3)), EAST)
    assert store.exact("a", now=NOON) is not None
    store.looked(("a", "exact"), now=NOON)
    assert store.standing().entries == 1


def test_what_was_made_from_an_older_index_goes_with_the_next_that_is_kept(
    store: AnswerCache,
) -> None:
    store.keep(cached("a"), EAST)
    store.keep(replace(cached("b"), index_version=4), EAST)
    assert store.exact("a", now=NOON) is None
    assert store.standing().entries == 1


def test_what_was_made_from_another_index_can_be_dropped_and_is_kept_no_more(
    store: AnswerCache,
) -> None:
    for key in "ab":
        store.keep(cached(key), EAST)
    assert store.drop_but(3) == 0
    assert store.exact("a", now=NOON) is not None
    assert store.drop_but(4) == 2
    store.keep(cached("late"), EAST)
    assert store.standing().entries == 0
    store.keep(replace(cached("next"), index_version=5), EAST)
    assert store.exact("next", now=NOON) is not None
    assert store.drop_but(1) == 1  # an index that began anew
    store.keep(replace(cached("anew"), index_version=1), EAST)
    assert store.exact("anew", now=NOON) is not None


def test_the_longest_unused_go_when_there_are_too_many(build: Build) -> None:
    store = build(Bounds(entries=2, bytes=100_000, days=1))
    for second, key in enumerate("ab"):
        store.keep(cached(key, at=NOON + timedelta(seconds=second)), None)
    store.looked(("a", "exact"), now=NOON + timedelta(seconds=5))
    store.keep(cached("c", at=NOON + timedelta(seconds=9)), None)
    assert [key for key in "abc" if store.exact(key, now=NOON)] == ["a", "c"]


def test_they_take_no_more_room_than_they_may(build: Build) -> None:
    store = build(Bounds(entries=100, bytes=3_000, days=1))
    for second in range(20):
        store.keep(cached(str(second), at=NOON + timedelta(seconds=second)), EAST)
    standing = store.standing()
    assert 0 < standing.bytes <= 3_000
    assert standing.entries < 20
    assert store.exact("19", now=NOON) is not None
    one_too_large = replace(cached("large", at=NOON + timedelta(hours=1)), question="x" * 5_000)
    store.keep(one_too_large, None)
    assert store.standing().bytes <= 3_000


def test_looks_and_what_they_saved_are_counted_until_all_is_cleared(store: AnswerCache) -> None:
    store.keep(cached("a"), EAST)
    store.looked(None, now=NOON)
    store.looked(("a", "exact"), now=NOON, saved_microusd=70, saved_ms=12.5)
    store.looked(("a", "semantic"), now=NOON, saved_microusd=30, saved_ms=7.5)
    standing = store.standing()
    assert (standing.looks, standing.exact, standing.semantic) == (3, 1, 1)
    assert (standing.saved_microusd, standing.saved_ms) == (100, 20.0)
    assert (standing.entries, standing.oldest) == (1, NOON)
    assert store.clear() == 1
    assert store.standing() == CacheStanding()


def test_the_latest_checks_count_and_switching_on_again_forgets_them(build: Build) -> None:
    store = build(Bounds(10, 100_000, 1, checks=3))
    assert store.checked(right=False) == (1, 1)
    assert store.checked(right=True) == (2, 1)
    assert store.checked(right=True) == (3, 1)
    assert store.checked(right=True) == (3, 0)
    why = Switched(NOON, "2 of 50 were wrong")
    store.switch(why)
    assert store.off() == why == store.standing().off
    store.switch(None)
    assert store.off() is None
    assert store.checked(right=True) == (1, 0)


def test_what_a_person_asked_is_forgotten_and_nobody_elses(store: AnswerCache) -> None:
    store.keep(cached("a"), EAST)
    store.keep(cached("b", by="grace"), EAST)
    assert store.forget("ada", dry_run=True) == 1
    assert store.exact("a", now=NOON) is not None
    assert store.forget("ada") == 1
    assert store.exact("a", now=NOON) is None
    assert store.exact("b", now=NOON) is not None


def test_half_a_character_is_no_reason_to_fail(store: AnswerCache) -> None:
    store.keep(replace(cached("a", by="a\ud800"), question="Half\ud800?"), None)
    assert store.exact("a", now=NOON) is not None
    store.knows("Half\ud800?")
    assert store.forget("a\ud800") == 1


def test_what_is_older_than_a_moment_is_dropped(store: AnswerCache) -> None:
    store.keep(cached("a"), EAST)
    store.keep(cached("b", at=NOON + timedelta(hours=2)), EAST)
    moment = NOON + timedelta(hours=1)
    assert store.drop_before(moment, dry_run=True) == 1 == store.drop_before(moment)
    assert store.exact("a", now=NOON) is None
    assert store.exact("b", now=NOON) is not None


def test_a_forgotten_text_is_nowhere_in_the_file_or_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "answers.db"
    store = build_answers(file, Bounds(10, 100_000, 1))
    for n in range(5):
        store.keep(replace(cached(str(n)), question=f"Is the marmoset {n} in?" * 50), EAST)
    store.keep(cached("b", by="grace"), EAST)
    store.forget("ada")
    beside = [one.read_bytes() for one in tmp_path.iterdir()]
    assert beside
    assert not [data for data in beside if b"marmoset" in data]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_a_reader_keeps_from_being_overwritten_goes_with_the_whole_file(
    tmp_path: Path,
) -> None:
    file = tmp_path / "answers.db"
    store = build_answers(file, Bounds(10, 100_000, 1))
    store.keep(replace(cached("a"), question="Is the marmoset in?" * 50), EAST)
    with sqlite3.connect(file, isolation_level=None) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM answers").fetchone() == (1,)
        store.keep(replace(cached("b"), question="Is the marmot in?" * 50), EAST)
        store.drop_but(9)
        beside = b"".join(one.read_bytes() for one in tmp_path.iterdir())
        assert b"marm" not in beside
    reader.close()
    store.keep(replace(cached("c"), index_version=9), EAST)
    assert store.exact("c", now=NOON) is not None


def test_what_goes_with_the_whole_file_is_counted_where_it_can_be_read(tmp_path: Path) -> None:
    file = tmp_path / "answers.db"
    store = build_answers(file, Bounds(10, 100_000, 1))
    store.keep(cached("a"), EAST)
    store.keep(cached("b", by="grace"), EAST)
    with sqlite3.connect(file, isolation_level=None) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM answers").fetchone() == (2,)
        store.keep(cached("c"), EAST)
        assert store.forget("grace") == 3  # the others went with it
        assert not file.exists()
    reader.close()


def test_a_row_that_cannot_be_read_is_no_answer(tmp_path: Path) -> None:
    file = tmp_path / "answers.db"
    store = build_answers(file, Bounds(10, 100_000, 1))
    store.keep(cached("a"), EAST)
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE answers SET body = '{\"key\": 1'")
    connection.close()
    assert store.exact("a", now=NOON) is None
    assert list(store.nearest("p", EAST, least=0, limit=3, now=NOON)) == []


def test_a_file_that_is_no_database_is_named_and_can_be_cleared(tmp_path: Path) -> None:
    file = tmp_path / "answers.db"
    file.write_text("Not a database at all. " * 100)
    store = build_answers(file, Bounds(10, 100_000, 1))
    with pytest.raises(StorageError, match=r"answers\.db") as caught:
        store.keep(cached("a"), EAST)
    assert "deleted" in caught.value.hint
    store.clear()
    store.keep(cached("a"), EAST)
    assert store.exact("a", now=NOON) is not None
