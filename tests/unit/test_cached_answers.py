"""Which answer is given again, to whom, and what is told of it."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from copilot.adapters.cache import build_answers
from copilot.answering.caching.holding import agrees
from copilot.caching import Bounds
from copilot.config.cache import CacheSettings
from copilot.errors import ModelUnavailableError
from copilot.messages import Answer, Principal, SearchFilter, Status, Turn, Usage
from copilot.testing.passages import made_passage
from tests.cached import (
    ASKS,
    EVERYONE,
    OTHER,
    PASSAGE,
    SAME,
    Cache,
    Writes,
    changed,
    found,
    quoting,
)

EXACT, SEMANTIC = ("exact", "hit", ""), ("semantic", "hit", "")


async def test_the_same_question_is_answered_once_and_then_from_the_cache() -> None:
    cache = Cache()
    first = await cache.ask()
    assert first.fresh
    assert cache.used == [("semantic", "miss", ""), ("exact", "stored", "")]
    again = await cache.ask()
    assert not again.fresh
    assert again.text == first.text == again.answer.text
    assert again.answer.citations == first.answer.citations
    assert [check.action for check in again.checks] == ["shown"]
    assert again.answer.usage == Usage("openai/x", 0, 0, 0)
    assert cache.used == [EXACT]
    [note] = again.answer.notes
    assert note.startswith("from the cache, of 22 Nov 2026 ")
    assert note.endswith("(saved $0.0015 and 500 ms)")


async def test_the_same_in_other_words_is_answered_from_the_cache_and_said_to_be() -> None:
    cache = Cache()
    await cache.ask()
    again = await cache.ask(SAME, result=found(vector=(0.9, 0.43589)))
    assert not again.fresh
    assert cache.used == [SEMANTIC]
    assert "to the same question in other words" in again.answer.notes[-1]
    standing = cache.store.standing()
    assert (standing.looks, standing.exact, standing.semantic) == (2, 0, 1)
    assert standing.saved_microusd == 1500


@pytest.mark.parametrize(
    ("text", "vector"),
    [
        (SAME, (0.7, 0.714)),
        ("How do I acknowledge 2 pages?", (1.0, 0.0)),
        ("How do I not acknowledge a page?", (1.0, 0.0)),
    ],
    ids=["too far", "another number", "a negation"],
)
async def test_what_is_not_the_same_is_asked_of_the_model(
    text: str, vector: tuple[float, float]
) -> None:
    cache = Cache()
    await cache.ask()
    assert (await cache.ask(text, result=found(vector=vector))).fresh


@pytest.mark.parametrize(
    "other",
    [
        {"where": SearchFilter(principal=Principal("bob", ("staff", "admins")))},
        {"where": SearchFilter(principal=Principal("ada", ()))},
        {"where": replace(EVERYONE, path_prefix="/docs")},
        {"where": replace(EVERYONE, paths=("/docs/a.md",))},
        {"where": replace(EVERYONE, source="/docs")},
        {"recipe": ("release-2", "openai/x")},
        {"recipe": ("release-1", "openai/y")},
        {"result": found(version=2)},
        {"attached": True},
        {"fresh": True},
    ],
    ids=lambda other: next(iter(other)),
)
async def test_other_groups_paths_models_releases_or_documents_have_answers_of_their_own(
    other: dict[str, object],
) -> None:
    for text in (ASKS, SAME):
        cache = Cache()
        await cache.ask()
        assert (await cache.ask(text, **other)).fresh  # type: ignore[arg-type]


async def test_who_is_in_the_same_groups_is_given_the_same_answer() -> None:
    cache = Cache()
    await cache.ask()
    bob = SearchFilter(principal=Principal("bob", ("staff",)))
    assert not (await cache.ask(where=bob)).fresh


@pytest.mark.parametrize(
    "hits",
    [
        (OTHER,),
        (changed(PASSAGE, "You have 20 minutes to acknowledge a page. Then."), OTHER),
        (*(made_passage(f"Nothing of it, number {n}.") for n in range(10)), PASSAGE),
    ],
    ids=["gone", "changed", "far down"],
)
async def test_an_answer_whose_cited_passage_is_gone_changed_or_far_is_not_given(
    hits: tuple[object, ...],
) -> None:
    cache = Cache()
    await cache.ask()
    for text in (ASKS, SAME):
        told = await cache.ask(text, result=found(*hits))  # type: ignore[arg-type]
        assert told.fresh


async def test_a_follow_up_is_answered_from_the_cache_only_after_the_same_turns() -> None:
    before = (Turn("user", "What is a page?"), Turn("assistant", "A call."))
    cache = Cache()
    await cache.ask(history=before)
    assert not (await cache.ask(history=before)).fresh
    assert (await cache.ask(SAME, history=before)).fresh
    assert (await cache.ask(SAME)).fresh
    assert (await cache.ask(history=(*before, *before))).fresh


@pytest.mark.parametrize(
    "writes",
    [
        Writes(whole=False),
        Writes(answer_=replace(quoting(PASSAGE), status=Status.ABSTAINED)),
        Writes(answer_=replace(quoting(PASSAGE), status=Status.DEGRADED)),
        Writes(answer_=Answer(Status.ANSWERED, "Nothing is cited.")),
        Writes(answer_=quoting(made_passage("From a file that was attached, and only there, so."))),
    ],
    ids=["partial", "abstained", "degraded", "uncited", "from elsewhere"],
)
async def test_what_is_no_whole_answer_from_the_index_is_not_kept(writes: Writes) -> None:
    cache = Cache(writes=writes)
    await cache.ask()
    assert cache.store.standing().entries == 0
    assert (await cache.ask()).fresh


async def test_what_a_model_began_and_did_not_finish_is_not_kept() -> None:
    cache = Cache(writes=Writes(failure=ModelUnavailableError("down"), shows_first=True))
    with pytest.raises(ModelUnavailableError):
        await cache.ask()
    assert cache.store.standing().entries == 0


async def test_with_the_switch_off_nothing_is_given_or_kept() -> None:
    cache = Cache()
    await cache.ask()
    cache.on = False
    assert (await cache.ask()).fresh
    assert cache.used == [("exact", "bypassed", "")]


async def test_without_the_semantic_tier_only_the_same_words_count() -> None:
    cache = Cache(settings=CacheSettings(semantic=False))
    await cache.ask()
    assert (await cache.ask(SAME)).fresh
    assert not (await cache.ask()).fresh


async def test_an_answer_asked_for_anew_takes_the_place_of_the_kept_one() -> None:
    cache = Cache()
    await cache.ask()
    cache.writes.answer_ = quoting(PASSAGE, end=len(PASSAGE.text))
    assert (await cache.ask(fresh=True)).fresh
    assert (await cache.ask()).text == cache.writes.answer_.text


async def test_a_hit_that_is_compared_shows_the_fresh_answer_and_counts_the_kept_one() -> None:
    cache = Cache(recheck=True)
    await cache.ask()
    told = await cache.ask(SAME)
    assert told.fresh
    assert not told.answer.notes
    assert cache.used == [("exact", "stored", ""), ("semantic", "hit", "right")]
    assert cache.store.standing().checked == 1
    assert not (await cache.ask(SAME)).fresh  # the fresh one is kept, to these words


async def test_when_the_model_fails_a_hit_that_was_to_be_compared_is_given() -> None:
    cache = Cache(recheck=True)
    await cache.ask()
    cache.writes.failure = ModelUnavailableError("down")
    told = await cache.ask(SAME)
    assert "from the cache" in told.answer.notes[-1]
    assert cache.used == [SEMANTIC]


async def test_too_many_false_hits_switch_other_words_off_until_somebody_switches_them_on() -> None:
    settings = CacheSettings(least_checks=2, false_hits_max=0.4)
    cache = Cache(settings=settings, recheck=True)
    await cache.ask()
    cache.writes.answer_ = quoting(OTHER, end=26)
    first = await cache.ask(SAME)
    assert cache.used[-1] == ("semantic", "hit", "wrong")
    assert first.warnings == []  # one comparison says little
    second = await cache.ask("How would I acknowledge a page?")
    assert "of 2 answers from the cache" in second.warnings[0]
    assert "wrong" in second.warnings[0]
    cache.recheck = False
    assert (await cache.ask("How to acknowledge a page")).fresh
    assert not (await cache.ask()).fresh  # the same words are answered all the same
    cache.store.switch(None)
    assert not (await cache.ask("How should I acknowledge a page?")).fresh


async def test_a_cache_that_can_not_be_used_costs_no_answer_and_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "answers.db").write_text("Not a database at all. " * 100)
    cache = Cache(store=build_answers(tmp_path / "answers.db", Bounds(9, 10**6, 9)))
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            assert (await cache.ask()).answer == quoting(PASSAGE)
    told, _ = caplog.messages  # once for each question, whose every step met it
    assert "answers.db" in told
    assert "`copilot cache clear`" in told


async def test_what_is_too_old_is_asked_again() -> None:
    cache = Cache()
    await cache.ask()
    cache.clock.at += timedelta(days=31)
    assert (await cache.ask()).fresh


@pytest.mark.parametrize(
    ("fresh", "right"),
    [
        (quoting(PASSAGE), True),
        (quoting(PASSAGE, end=len(PASSAGE.text)), True),
        (quoting(OTHER, end=26), False),
        (replace(quoting(PASSAGE), status=Status.ABSTAINED), False),
    ],
    ids=["the same", "and more", "from elsewhere", "an abstention"],
)
def test_a_kept_answer_is_right_when_a_fresh_one_says_as_much(fresh: Answer, right: bool) -> None:
    assert agrees(quoting(PASSAGE), fresh) is right


def test_another_number_from_the_same_passage_is_wrong() -> None:
    passage = made_passage("A page rings for 5 minutes. A call rings for 9 minutes.")
    one, other = quoting(passage, end=27), quoting(passage, end=27)
    other = replace(other, sentences=(replace(other.sentences[0], text=passage.text[28:]),))
    assert not agrees(one, other)
