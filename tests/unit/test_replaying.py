"""What a replay asks, what it refuses, and what it never shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from copilot.answering.replaying import compare, now_of, plan, then_of
from copilot.errors import NotFoundError, UsageError
from copilot.events import AskedWith, Event, RetrievalFinished
from copilot.inputs import AnswerInputs, Inputs
from copilot.messages import (
    DocumentState,
    Locator,
    Passage,
    PassageVectors,
    Principal,
    SearchFilter,
    Turn,
)
from copilot.runs import RunDetail
from copilot.testing.hash_embedder import HashEmbedder
from copilot.testing.memory_index import MemoryIndex
from copilot.testing.memory_ledger import MemoryLedger
from copilot.testing.run_events import hits, quoted_run, written_run

EMBEDDER = HashEmbedder(32)
LOCAL = Principal()
HR = Principal(groups=("hr",))


def put(index: MemoryIndex, path: str, text: str, labels: tuple[str, ...] = ()) -> None:
    place = Locator("lines", 1, 1)
    made = Passage(path, path, path, "T", 0, text, (), place, (), 0, len(text), text, labels)
    vector, sentences = next(EMBEDDER.embed_passages([text], [[text]]))
    now = datetime.now(UTC)
    state = DocumentState(path, path, path, "/", "T", "indexed", "h", 1, 1, 1, now, labels)
    index.apply([(state, [(made, PassageVectors(vector, sentences, ((0, len(text)),)))])])


@pytest.fixture
def index() -> MemoryIndex:
    built = MemoryIndex()
    built.bind(EMBEDDER.identity)
    put(built, "/a", "the pelican lands")
    put(built, "/b", "the pelican leaves", ("hr",))
    return built


def recorded(index: MemoryIndex, *, asked: AskedWith | None = None) -> RunDetail:
    """A run that was answered from the index as it stands."""
    ledger = MemoryLedger()
    events: list[Event] = quoted_run("run-1", started_at=datetime.now(UTC))
    found = RetrievalFinished(hits(2), index_version=index.version(), latency_ms=1.0)
    events = [found if isinstance(e, RetrievalFinished) else e for e in events]
    for event in [events[0], *([asked] if asked else []), *events[1:]]:
        ledger.append("run-1", event)
    return ledger.run("run-1")


def asked_by(principal: Principal) -> AskedWith:
    settings = AnswerInputs(80, 0.4)
    return AskedWith(Inputs(SearchFilter(principal, path_prefix="/"), 30, settings, "1.0"))


def seen(run: RunDetail, index: MemoryIndex, who: Principal) -> set[str]:
    planned = plan(run, index, who=who, now=False, program="1.0")
    assert planned.index is not None
    where = planned.question.where
    found = planned.index.search_lexical("pelican", limit=9, where=where)
    stored = planned.index.fetch([id_ for id_, _ in found], where=where)
    return {one.passage.path for one in stored}


def test_the_index_and_the_settings_of_then_are_asked(index: MemoryIndex) -> None:
    run = recorded(index, asked=asked_by(LOCAL))
    index.apply([], ["/a"])
    planned = plan(run, index, who=LOCAL, now=False, program="1.0")
    assert planned.settings == AnswerInputs(80, 0.4)
    assert (planned.question.where.path_prefix, planned.question.kind) == ("/", "replay")
    assert planned.notes == ()
    assert seen(run, index, LOCAL) == {"/a"}
    today = plan(run, index, who=LOCAL, now=True, program="1.0")
    assert (today.index, today.settings) == (None, None)
    assert today.question.where.path_prefix == "/"


def test_a_replay_sees_what_both_who_asked_and_who_replays_may(index: MemoryIndex) -> None:
    assert seen(recorded(index, asked=asked_by(HR)), index, HR) == {"/a", "/b"}
    assert seen(recorded(index, asked=asked_by(LOCAL)), index, HR) == {"/a"}
    run = recorded(index, asked=asked_by(HR))
    assert seen(run, index, LOCAL) == {"/a"}
    assert "hr" in plan(run, index, who=LOCAL, now=False, program="1.0").notes[0]


def test_a_document_that_was_closed_since_stays_closed_in_a_replay(index: MemoryIndex) -> None:
    run = recorded(index, asked=asked_by(LOCAL))
    run = replace(run, hits=tuple(replace(hit, path="/a") for hit in run.hits))
    put(index, "/a", "the pelican lands", ("board",))
    assert seen(run, index, LOCAL) == set()
    for now in (False, True):
        [told] = plan(run, index, who=LOCAL, now=now, program="1.0").notes
        assert told == "of its hits 2 are of documents that are closed to you: left out"


def test_only_the_model_that_is_configured_is_asked_again(index: MemoryIndex) -> None:
    written = AnswerInputs(80, 0.4, "openai/then", 700, 0.2)
    asked = AskedWith(Inputs(SearchFilter(LOCAL), 30, written, "1.0"))
    run = recorded(index, asked=asked)
    same = plan(run, index, who=LOCAL, now=False, program="1.0", model="openai/then")
    assert (same.settings, same.notes) == (written, ())
    for other in ("", "openai/now"):
        planned = plan(run, index, who=LOCAL, now=False, program="1.0", model=other)
        assert planned.settings == AnswerInputs(80, 0.4)
        assert "openai/then isn't configured any more and isn't asked" in planned.notes[0]


def test_a_version_that_is_gone_is_said_with_what_can_be_done(index: MemoryIndex) -> None:
    run = replace(recorded(index), index_version=99)
    with pytest.raises(NotFoundError, match="99") as caught:
        plan(run, index, who=LOCAL, now=False, program="1.0")
    assert f"copilot runs replay {run.summary.id} --now" in caught.value.hint
    plan(run, index, who=LOCAL, now=True, program="1.0")
    # An index that was made from nothing since counts its versions anew.
    early = recorded(index).summary.started_at - timedelta(days=1)
    run = recorded(index)
    run = replace(run, summary=replace(run.summary, started_at=early))
    with pytest.raises(NotFoundError):
        plan(run, index, who=LOCAL, now=False, program="1.0")


def test_what_cannot_be_made_again_is_refused_with_its_reason(index: MemoryIndex) -> None:
    run = recorded(index)

    def refusal(**changes: object) -> str:
        with pytest.raises((NotFoundError, UsageError)) as caught:
            changed = replace(run, **changes)  # type: ignore[arg-type]
            plan(changed, index, who=LOCAL, now=False, program="1.0")
        return caught.value.message

    assert "read documents" in refusal(summary=replace(run.summary, kind="index"))
    assert "isn't kept" in refusal(summary=replace(run.summary, question=None))
    assert "turns before it aren't recorded" in refusal(follow_up=True)
    assert "before it searched" in refusal(index_version=None)


def test_the_turns_before_are_asked_with_the_question(index: MemoryIndex) -> None:
    ledger = MemoryLedger()
    for event in written_run("run-2", started_at=datetime.now(UTC)):
        ledger.append("run-2", event)
    run = replace(ledger.run("run-2"), index_version=index.version())
    planned = plan(run, index, who=LOCAL, now=False, program="0.1.0")
    assert planned.question.history[0] == Turn("user", "Restart the gateway?")
    missing = tuple(replace(turn, text=None) for turn in run.history)
    with pytest.raises(NotFoundError, match="aren't kept"):
        plan(replace(run, history=missing), index, who=LOCAL, now=False, program="0.1.0")


def test_a_run_of_before_such_records_is_asked_with_the_settings_of_now(index: MemoryIndex) -> None:
    planned = plan(recorded(index), index, who=HR, now=False, program="1.0")
    assert planned.settings is None
    assert planned.question.where == SearchFilter(HR)
    assert "settings and filters" in planned.notes[0]


def test_hits_that_are_gone_new_or_moved_are_told_apart(index: MemoryIndex) -> None:
    then = then_of(recorded(index))
    three = hits(3)
    changed = (replace(three[1], rank=1), replace(three[2], rank=2))
    now = now_of([RetrievalFinished(changed, 9, 1.0)])
    found = compare(then, now)
    assert [hit.passage_id for hit in found.gone] == ["passage-1"]
    assert [hit.passage_id for hit in found.new] == ["passage-3"]
    assert [(a.rank, b.rank) for a, b in found.moved] == [(2, 1)]
    assert not found.same_hits
    assert compare(then, then).same
