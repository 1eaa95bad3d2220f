"""What every ledger must do, whether it lives in files or in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from copilot.adapters.ledger.reader import LedgerReader
from copilot.adapters.ledger.spool import SpoolRunWriter
from copilot.errors import NotFoundError, UsageError
from copilot.events import (
    ModelAttempt,
    ModelChosen,
    PromptRendered,
    QueryRewritten,
    RetrievalFinished,
    RunFinished,
    RunStarted,
    RunStopped,
    SyncFinished,
    Warned,
)
from copilot.figures import ModelTime
from copilot.messages import Answer, Locator, PromptVersion, Status, Usage
from copilot.ports import RunReader, RunWriter
from copilot.records import FeedbackGiven
from copilot.runs import RecordedPrompt, RecordedSync, RecordedWarning, RunFilter
from copilot.testing.memory_ledger import MemoryLedger
from copilot.testing.run_events import (
    INPUTS,
    PROMPT,
    QUOTE,
    STARTED_AT,
    TEMPLATE,
    citation,
    hits,
    quoted_run,
    written_run,
)

ALL = RunFilter()


@dataclass
class Ledger:
    """Writers share one ledger; the reader is asked after they wrote."""

    new_writer: Callable[[], RunWriter]
    reader: RunReader

    def record(self, *runs: list) -> None:
        writer = self.new_writer()
        for events in runs:
            for event in events:
                writer.append(events[0].run_id, event)
        writer.close()


@pytest.fixture(params=["files", "memory"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Ledger:
    if request.param == "memory":
        memory = MemoryLedger()
        return Ledger(lambda: memory, memory)
    folder = tmp_path / "ledger"
    return Ledger(lambda: SpoolRunWriter(folder, bodies=True), LedgerReader(folder))


def test_an_empty_ledger_has_no_runs_and_adds_up_to_nothing(ledger: Ledger) -> None:
    assert ledger.reader.runs(ALL, limit=10) == []
    [row] = ledger.reader.stats(ALL, by="")
    assert (row.runs, row.cost_microusd, row.latency_p50_ms) == (0, 0, None)
    assert ledger.reader.stats(ALL, by="day") == []


def test_a_quoted_run_is_told_back_whole(ledger: Ledger) -> None:
    ledger.record(quoted_run("run-1", question="Где шлюз?"))
    run = ledger.reader.run("run-1")
    summary = run.summary
    assert (summary.kind, summary.status, summary.question) == ("ask", "answered", "Где шлюз?")
    assert summary.started_at == STARTED_AT
    assert (summary.latency_ms, summary.first_token_ms, summary.citations) == (120.0, 60.0, 1)
    assert (summary.model, summary.cost_microusd) == ("quoting", 0)
    assert run.queries == ("Где шлюз?",)
    assert (run.index_version, run.retrieval_ms, run.prompt) == (7, 12.5, None)
    assert run.answer == f"{QUOTE} [1]"
    assert [hit.rank for hit in run.hits] == [1, 2, 3, 4, 5]
    assert run.hits[1].scores == {"fused": 0.5, "dense": 0.45, "lexical": 3.5}
    assert run.hits[1].locator == Locator("lines", 2, 4)
    [verdict] = run.verdicts
    assert (verdict.sentence, verdict.support, verdict.action) == (QUOTE, "verbatim", "shown")
    [citation] = run.citations
    assert (citation.quote, citation.quote_start, citation.quote_end) == (QUOTE, 0, len(QUOTE))


def test_what_no_encoding_carries_is_replaced_and_the_rest_is_kept(ledger: Ledger) -> None:
    """A shell hands over bytes that are no UTF-8 as lone surrogates."""
    ledger.record(quoted_run("run-1", question="Où est\0 le caf\udce9 ?"))
    assert ledger.reader.run("run-1").summary.question in (
        "Où est\0 le caf? ?",
        "Où est\0 le caf\udce9 ?",
    )


def test_a_written_run_keeps_its_prompt_attempts_verdicts_and_money(ledger: Ledger) -> None:
    ledger.record(written_run("run-1"))
    run = ledger.reader.run("run-1")
    assert run.prompt == PROMPT
    assert run.prompts == (RecordedPrompt(PROMPT, TEMPLATE),)
    assert (run.follow_up, len(run.queries), run.model_reason) == (True, 2, "configured")
    assert (run.summary.input_tokens, run.summary.output_tokens) == (900, 40)
    assert run.summary.cost_microusd == 1_234
    failed, good = run.attempts
    assert (failed.outcome, failed.error_type) == ("failed", "ModelRateLimitError")
    assert (failed.input_tokens, failed.cost_microusd) == (0, 0)
    assert (good.outcome, good.cost_microusd, good.first_token_ms) == ("ok", 1_234, 210.0)
    assert not good.estimated
    assert [v.action for v in run.verdicts] == ["shown", "dropped"]
    assert run.verdicts[0].citations == (1, 2)
    assert run.warnings == (
        RecordedWarning("run", "a sentence was dropped", "ask for the source"),
        RecordedWarning(
            "answer", "one sentence was dropped: its number is not in the source", None
        ),
    )


def test_what_a_run_depended_on_and_what_became_of_its_hits_is_told_back(ledger: Ledger) -> None:
    ledger.record(written_run("run-1"), quoted_run("run-2"))
    run = ledger.reader.run("run-1")
    assert run.inputs == INPUTS
    assert [(turn.role, turn.text) for turn in run.history] == [
        ("user", "Restart the gateway?"),
        ("assistant", QUOTE),
    ]
    assert [(hit.kept, hit.reason) for hit in run.hits[:3]] == [
        (True, "cited as [1]"),
        (False, "-"),
        (None, ""),
    ]
    # Runs of before there were such records.
    older = ledger.reader.run("run-2")
    assert (older.inputs, older.history) == (None, ())


def test_runs_are_told_with_all_that_explains_them_or_only_the_rated_ones(ledger: Ledger) -> None:
    ledger.record(written_run("run-1"), quoted_run("run-2"), quoted_run("run-3", kind="search"))
    for run_id in ("run-2", "run-3", "run-2"):
        writer = ledger.new_writer()
        writer.append(run_id, FeedbackGiven("good", "ann"))
        writer.close()
    told = ledger.reader.details(ALL, limit=9)
    assert [one.summary.id for one in told] == ["run-3", "run-2", "run-1"]
    assert told == [ledger.reader.run(one.summary.id) for one in told]
    rated = ledger.reader.details(RunFilter(kind="ask"), limit=9, rated=True)
    assert [one.summary.id for one in rated] == ["run-2"]
    assert len(ledger.reader.details(ALL, limit=1, rated=True)) == 1
    assert len(ledger.reader.details(ALL, limit=2)) == 2


def test_an_unknown_price_stays_unknown(ledger: Ledger) -> None:
    ledger.record(written_run("run-1", cost_microusd=None), written_run("run-2"))
    assert ledger.reader.run("run-1").summary.cost_microusd is None
    [row] = ledger.reader.stats(ALL, by="")
    assert (row.cost_microusd, row.unpriced) == (1_234, 1)


def test_runs_come_newest_first_and_no_more_than_asked(ledger: Ledger) -> None:
    later = [STARTED_AT + timedelta(minutes=n) for n in range(5)]
    ledger.record(*(quoted_run(f"run-{n}", started_at=at) for n, at in enumerate(later)))
    assert [run.id for run in ledger.reader.runs(ALL, limit=3)] == ["run-4", "run-3", "run-2"]


def test_runs_are_chosen_by_time_status_and_kind(ledger: Ledger) -> None:
    ledger.record(
        quoted_run("run-1"),
        quoted_run("run-2", status=Status.ABSTAINED, started_at=STARTED_AT + timedelta(days=1)),
        quoted_run("run-3", kind="search", started_at=STARTED_AT + timedelta(days=2)),
    )

    def ids(where: RunFilter) -> list[str]:
        return [run.id for run in ledger.reader.runs(where, limit=10)]

    assert ids(RunFilter(since=STARTED_AT + timedelta(days=1))) == ["run-3", "run-2"]
    assert ids(RunFilter(status="abstained")) == ["run-2"]
    assert ids(RunFilter(kind="search")) == ["run-3"]
    assert ids(RunFilter(kind="search", status="abstained")) == []


def test_runs_are_told_page_by_page_also_where_two_began_at_once(ledger: Ledger) -> None:
    moments = [STARTED_AT + timedelta(seconds=n // 2) for n in range(7)]
    ledger.record(*[quoted_run(f"run-{n}", started_at=at) for n, at in enumerate(moments)])
    pages, after = [], None
    while page := ledger.reader.runs(ALL, limit=3, after=after):
        pages.append([run.id for run in page])
        after = page[-1]
    assert pages == [["run-6", "run-5", "run-4"], ["run-3", "run-2", "run-1"], ["run-0"]]


def test_runs_are_found_by_words_of_their_question_or_by_their_id(ledger: Ledger) -> None:
    ledger.record(
        quoted_run("a-1", question="Where is the GATEWAY?"),
        quoted_run("a-2", question="How do I get 100% of my 'leave'?"),
        quoted_run("b-3", question="Где шлюз?"),
    )

    def found(text: str) -> list[str]:
        return sorted(run.id for run in ledger.reader.runs(ALL, limit=9, text=text))

    assert found("gateway") == ["a-1"]
    assert found("gateway where") == ["a-1"]
    assert found("gateway there") == []
    assert found("100% of my 'l") == ["a-2"]
    assert found("ШЛЮЗ") == ["b-3"]
    assert found("a-") == ["a-1", "a-2"]
    assert found("_") == []


def test_a_run_is_found_by_the_beginning_of_its_id(ledger: Ledger) -> None:
    ledger.record(quoted_run("abc-1"), quoted_run("abd-2"), quoted_run("abd-21"))
    assert ledger.reader.run("abc").summary.id == "abc-1"
    assert ledger.reader.run("abd-2").summary.id == "abd-2"
    with pytest.raises(UsageError, match="several"):
        ledger.reader.run("ab")
    ledger.record(*(quoted_run(f"abd-2{n}") for n in range(2, 9)))
    assert ledger.reader.run("abd-2").summary.id == "abd-2"
    with pytest.raises(NotFoundError, match="xyz"):
        ledger.reader.run("xyz")


def test_the_last_run_is_found_without_its_id(ledger: Ledger) -> None:
    ledger.record(
        quoted_run("b", started_at=STARTED_AT + timedelta(hours=1)),
        quoted_run("c"),
        quoted_run("a"),
    )
    assert ledger.reader.run("last").summary.id == "b"


def test_a_run_whose_writer_let_go_is_interrupted(ledger: Ledger) -> None:
    ledger.record(written_run("run-1")[:6])
    run = ledger.reader.run("run-1")
    assert (run.summary.status, run.summary.latency_ms, run.answer) == ("interrupted", None, None)
    assert run.summary.model == "openai/gpt-5-mini"


def test_an_interrupted_run_still_counts_what_its_requests_cost(ledger: Ledger) -> None:
    spent = ModelAttempt("m", "ok", "", Usage("m", 10, 2, 77), 1.0, 2.0)
    ledger.record([*written_run("run-1")[:5], spent, spent])
    summary = ledger.reader.run("run-1").summary
    assert (summary.input_tokens, summary.output_tokens, summary.cost_microusd) == (20, 4, 154)


def test_a_request_says_what_it_asked_for(ledger: Ledger) -> None:
    embedded = ModelAttempt("m", "ok", "", Usage("m", 10, 0, 4), operation="embeddings")
    ledger.record([*quoted_run("run-1")[:1], embedded, *written_run("run-1")[1:]])
    asked = [attempt.operation for attempt in ledger.reader.run("run-1").attempts]
    assert asked == ["embeddings", "chat", "chat"]


def test_what_was_asked_beside_an_answer_does_not_pass_for_who_wrote_it(ledger: Ledger) -> None:
    beside = [
        PromptRendered(PromptVersion("answering/judge", "1", "cd" * 32), 0, "Is it so?"),
        ModelChosen("nano", "configured", route="judge"),
        ModelAttempt("nano", "ok", "", Usage("nano", 9, 1, 2)),
    ]
    *events, reported, finished = written_run("run-1")
    ledger.record([*events, *beside, reported, finished], written_run("run-2"))
    run, plain = ledger.reader.run("run-1"), ledger.reader.run("run-2")
    assert (run.summary.model, run.model_reason) == (plain.summary.model, plain.model_reason)
    assert run.prompt == plain.prompt
    assert len(run.attempts) == len(plain.attempts) + 1
    assert "answering/judge" in [used.version.id for used in run.prompts]
    assert {row.group for row in ledger.reader.stats(ALL, by="route")} == {"answer"}


def test_how_long_a_model_took_last_is_of_its_latest_chat_request_that_went_well(
    ledger: Ledger,
) -> None:
    assert ledger.reader.model_times() == {}
    attempts = [
        ModelAttempt("m", "ok", "", None, 90.0, 300.0),
        ModelAttempt("m", "ok", "", None, None, 200.0),
        ModelAttempt("m", "failed", "Late", None, None, 5000.0),
        ModelAttempt("m", "ok", "", None, None, 7.0, operation="embeddings"),
        ModelAttempt("n", "failed", "Late", None, None, 5000.0),
    ]
    start = RunStarted("run-1", "test", "m", "", "local", STARTED_AT)
    ledger.record([start, *attempts, RunFinished("run-1", Status.ANSWERED, None, 50.0)])
    assert ledger.reader.model_times() == {"m": ModelTime(STARTED_AT, 200.0, None)}
    assert ledger.reader.runs(RunFilter(kind="test"), limit=9)[0].question == "m"
    [row] = ledger.reader.stats(ALL, by="kind")
    assert (row.group, row.done, row.answered, row.calls) == ("test", 1, 0, 5)


def searched_twice(run_id: str, *, last_found: int) -> list:
    """A run that cites the best hit of its first search; its last one found others."""
    answer = Answer(Status.ANSWERED, f"{QUOTE} [1]", citations=(citation(rank=1),))
    return [
        RunStarted(run_id, "ask", "?", "", "local", STARTED_AT),
        QueryRewritten("?", ("first",), follow_up=True),
        RetrievalFinished(hits(5), index_version=9, latency_ms=30.0),
        ModelChosen("a", "the first choice"),
        QueryRewritten("?", ("second", "third"), follow_up=False),
        RetrievalFinished(hits(5)[5 - last_found :], index_version=8, latency_ms=12.5),
        ModelChosen("b", ""),
        RunFinished(run_id, Status.ANSWERED, answer, 50.0),
    ]


def test_of_several_searches_in_a_run_the_last_one_explains_it(ledger: Ledger) -> None:
    ledger.record(searched_twice("run-1", last_found=2))
    run = ledger.reader.run("run-1")
    assert (run.queries, run.follow_up) == (("second", "third"), False)
    assert [hit.rank for hit in run.hits] == [4, 5]
    assert (run.index_version, run.retrieval_ms) == (8, 12.5)
    assert run.model_reason == ""


def test_a_last_search_that_found_nothing_has_no_hits(ledger: Ledger) -> None:
    ledger.record(searched_twice("run-1", last_found=0))
    run = ledger.reader.run("run-1")
    assert (run.hits, run.retrieval_ms) == ((), 12.5)


def test_only_the_last_search_says_which_rank_an_answer_cites(ledger: Ledger) -> None:
    ledger.record(searched_twice("run-1", last_found=2), searched_twice("run-2", last_found=5))
    [row] = ledger.reader.stats(ALL, by="")
    assert (row.cited, row.cited_top3) == (2, 1)


@pytest.mark.parametrize(
    ("error", "name"),
    [
        ("ModelRateLimitError: slow down: 3", "ModelRateLimitError"),
        ("ModelTimeoutError", "ModelTimeoutError"),
        ("my KeyError: it is lost", ""),
        ("KeyError was mine", ""),
        ("litellm.RateLimitError: slow down", ""),
        ("MüllerError: a name", ""),
        ("no luck: KeyError", ""),
        ("", ""),
    ],
)
def test_the_kind_of_an_error_is_what_stands_before_its_colon(
    ledger: Ledger, error: str, name: str
) -> None:
    failed = ModelAttempt("m", "failed", error, None, None, 35.0)
    ledger.record([*quoted_run("run-1")[:3], failed])
    [attempt] = ledger.reader.run("run-1").attempts
    assert (attempt.error_type, attempt.error) == (name, error or None)


def index_run(run_id: str) -> list:
    return [
        RunStarted(run_id, "index", "/notes", "", "local", STARTED_AT),
        SyncFinished(3, 2, 1, 12, 4, 5, 1_240, 6, 60_000.0),
        RunFinished(run_id, Status.ANSWERED, None, 60_000.0),
    ]


def test_an_index_run_keeps_its_counts_and_the_version_it_made(ledger: Ledger) -> None:
    ledger.record(index_run("run-1"), quoted_run("run-2"))
    run = ledger.reader.run("run-1")
    assert (run.sync, run.index_version) == (RecordedSync(3, 2, 1, 12, 4, 5, 1_240), 6)
    assert ledger.reader.run("run-2").sync is None


def test_only_asks_are_answered_and_what_answers_nothing_is_done(ledger: Ledger) -> None:
    failed = RunStopped("run-4", "failed", "KnowledgeIndexError", "", 8.0)
    ledger.record(
        quoted_run("run-1"),
        quoted_run("run-2", kind="search"),
        index_run("run-3"),
        [RunStarted("run-4", "search", "?", "", "local", STARTED_AT), failed],
    )
    [row] = ledger.reader.stats(ALL, by="")
    assert (row.answered, row.done, row.failed, row.other) == (1, 2, 1, 0)
    kinds = ledger.reader.stats(ALL, by="kind")
    assert [(row.group, row.answered, row.done, row.failed) for row in kinds] == [
        ("ask", 1, 0, 0),
        ("index", 0, 1, 0),
        ("search", 0, 1, 1),
    ]


def test_a_stopped_run_says_what_stopped_it(ledger: Ledger) -> None:
    stop = RunStopped("run-1", "failed", "KnowledgeIndexError", "there is no index", 8.0)
    ledger.record([*quoted_run("run-1")[:1], stop])
    run = ledger.reader.run("run-1")
    assert (run.summary.status, run.summary.latency_ms) == ("failed", 8.0)
    assert (run.error_type, run.error) == ("KnowledgeIndexError", "there is no index")


def test_what_is_told_after_the_end_of_a_run_belongs_to_it(ledger: Ledger) -> None:
    ledger.record(quoted_run("run-1"))
    assert ledger.reader.run("run-1").warnings == ()
    writer = ledger.new_writer()
    writer.append("run-1", Warned("the conversation could not be kept"))
    writer.close()
    run = ledger.reader.run("run-1")
    assert [w.message for w in run.warnings] == ["the conversation could not be kept"]
    assert (run.summary.status, run.answer) == ("answered", f"{QUOTE} [1]")


def test_what_is_told_after_the_end_of_a_run_takes_nothing_from_it(ledger: Ledger) -> None:
    ledger.record(written_run("run-1"), written_run("run-2"))
    assert len(ledger.reader.runs(ALL, limit=5)) == 2
    writer = ledger.new_writer()
    writer.append("run-1", Warned("the conversation could not be kept"))
    writer.close()
    later, as_it_was = (ledger.reader.run(name) for name in ("run-1", "run-2"))
    same = replace(as_it_was.summary, id="run-1")
    assert replace(as_it_was, summary=same) == replace(later, warnings=as_it_was.warnings)


def test_a_run_in_progress_is_not_listed_and_its_writer_goes_on(ledger: Ledger) -> None:
    writer = ledger.new_writer()
    first, *rest = quoted_run("run-1")
    writer.append("run-1", first)
    assert ledger.reader.runs(ALL, limit=10) == []
    for event in rest:
        writer.append("run-1", event)
    assert [run.status for run in ledger.reader.runs(ALL, limit=10)] == ["answered"]


def test_one_writer_serves_runs_that_overlap(ledger: Ledger) -> None:
    writer = ledger.new_writer()
    for one, two in zip(quoted_run("run-1"), quoted_run("run-2"), strict=True):
        writer.append("run-1", one)
        writer.append("run-2", two)
    assert {run.id for run in ledger.reader.runs(ALL, limit=10)} == {"run-1", "run-2"}


def test_a_closed_writer_may_write_again(ledger: Ledger) -> None:
    writer = ledger.new_writer()
    for number in (1, 2):
        for event in quoted_run(f"run-{number}"):
            writer.append(f"run-{number}", event)
        writer.close()
    assert len(ledger.reader.runs(ALL, limit=10)) == 2


def test_stats_add_up_and_group(ledger: Ledger) -> None:
    ledger.record(
        quoted_run("run-1", latency_ms=100.0),
        quoted_run("run-2", latency_ms=300.0, cited_rank=4),
        quoted_run("run-3", latency_ms=200.0, status=Status.ABSTAINED),
        written_run("run-4", started_at=STARTED_AT + timedelta(days=1)),
        [RunStarted("run-5", "ask", "?", "", "local", STARTED_AT)],
    )
    [row] = ledger.reader.stats(ALL, by="")
    assert (row.runs, row.answered, row.abstained, row.failed) == (5, 3, 1, 1)
    assert (row.latency_p50_ms, row.first_token_p50_ms) == (250.0, 125.0)
    assert row.latency_p95_ms == pytest.approx(895.0)
    assert (row.cited, row.cited_top3, row.citations) == (3, 2, 4)
    assert row.top3_share == pytest.approx(2 / 3)
    assert row.dropped_sentences == 1
    assert (row.input_tokens, row.output_tokens, row.cost_microusd) == (900, 40, 1_234)
    days = ledger.reader.stats(ALL, by="day")
    assert [(row.group, row.runs) for row in days] == [("2026-11-21", 4), ("2026-11-22", 1)]
    models = ledger.reader.stats(ALL, by="model")
    assert [(row.group, row.runs) for row in models] == [
        ("(none)", 1),
        ("openai/gpt-5-mini", 1),
        ("quoting", 3),
    ]
    statuses = ledger.reader.stats(ALL, by="status")
    assert [row.group for row in statuses] == ["abstained", "answered", "interrupted"]
