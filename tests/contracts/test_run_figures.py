"""What every ledger's runs add up to, record by record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from copilot.adapters.ledger.reader import LedgerReader
from copilot.adapters.ledger.spool import SpoolRunWriter
from copilot.charts import MOMENTS
from copilot.events import (
    Arrival,
    CitationChecked,
    DocumentIndexed,
    Event,
    ModelAttempt,
    RunFinished,
    RunStarted,
    RunStopped,
    SyncFinished,
)
from copilot.figures import NONE, BudgetState, Freshness, StatsRow
from copilot.ledger.queries import within
from copilot.messages import Status, Support
from copilot.ports import RunReader, RunWriter
from copilot.records import (
    BudgetChanged,
    CacheUsed,
    ExtractionFinished,
    FeedbackGiven,
    GuardChecked,
    Record,
    ToolCalled,
)
from copilot.runs import RunFilter
from copilot.testing.memory_ledger import MemoryLedger
from copilot.testing.run_events import STARTED_AT, quoted_run, written_run

ALL = RunFilter()


class Ledger:
    """A ledger to record in and to ask."""

    def __init__(self, new_writer: Callable[[], RunWriter], reader: RunReader) -> None:
        self._new_writer = new_writer
        self.reader = reader

    def record(self, run_id: str, *said: Event | RunStopped | Record) -> None:
        writer = self._new_writer()
        for one in said:
            writer.append(run_id, one)
        writer.close()

    def run(self, events: Sequence[Event | RunStopped], *more: Record) -> None:
        [started, *_] = events
        assert isinstance(started, RunStarted)
        self.record(started.run_id, *events, *more)

    @property
    def all_together(self) -> StatsRow:
        [row] = self.reader.stats(ALL, by="")
        return row


@pytest.fixture(params=["files", "memory"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Ledger:
    if request.param == "memory":
        memory = MemoryLedger()
        return Ledger(lambda: memory, memory)
    folder = tmp_path / "ledger"
    return Ledger(lambda: SpoolRunWriter(folder, bodies=True), LedgerReader(folder))


SHARES = [name for name in dir(StatsRow) if name.endswith(("_share", "_per_success"))]


def test_nothing_adds_up_to_no_share_of_anything(ledger: Ledger) -> None:
    row = ledger.all_together
    assert row == StatsRow()
    assert len(SHARES) >= 12
    assert [getattr(row, name) for name in SHARES] == [None] * len(SHARES)


def test_runs_without_records_have_no_share_of_what_only_records_tell(ledger: Ledger) -> None:
    ledger.run(quoted_run("run-1"))
    row = ledger.all_together
    told = {name for name in SHARES if getattr(row, name) is not None}
    assert told.isdisjoint({"good_share", "violating_share", "valid_share", "cache_hit_share"})
    assert {"success_share", "grounded_share", "available_share", "top3_share"} <= told
    assert row.index_age_p95_s is None


def test_a_run_succeeds_that_is_answered_and_that_nobody_calls_bad_in_the_end(
    ledger: Ledger,
) -> None:
    for number in range(1, 5):
        ledger.run(written_run(f"run-{number}"))
    ledger.run(quoted_run("run-5", status=Status.DEGRADED))
    ledger.run(quoted_run("run-6", status=Status.ABSTAINED))
    assert (ledger.all_together.succeeded, ledger.all_together.good_share) == (4, None)
    ledger.record("run-1", FeedbackGiven("bad", "ann"), FeedbackGiven("good", "ann"))
    ledger.record("run-2", FeedbackGiven("good", "ann"), FeedbackGiven("bad", "bob"))
    ledger.record("run-3", FeedbackGiven("good", "ann"))
    assert (ledger.all_together.good, ledger.all_together.bad) == (3, 1)
    ledger.record("run-3", FeedbackGiven("bad", "ann", ("leak",)))
    row = ledger.all_together
    assert (row.good, row.bad, row.leaking) == (2, 2, 1)
    assert (row.succeeded, row.microusd_per_success) == (2, 4 * 1_234 / 2)


def test_feedback_that_comes_before_its_run_counts_once_the_run_is_there(ledger: Ledger) -> None:
    ledger.record("run-1", FeedbackGiven("bad", "ann"))
    assert ledger.all_together == StatsRow()
    ledger.run(quoted_run("run-1"))
    assert (ledger.all_together.bad, ledger.all_together.succeeded) == (1, 0)


def test_requests_are_counted_with_those_that_failed(ledger: Ledger) -> None:
    ledger.run(written_run("run-1"))
    ledger.run(quoted_run("run-2"))
    assert (ledger.all_together.calls, ledger.all_together.failed_calls) == (2, 1)


def test_a_sentence_that_is_not_borne_out_makes_its_answer_ungrounded_if_it_is_shown(
    ledger: Ledger,
) -> None:
    shown = CitationChecked("Nine.", Support.UNSUPPORTED, (), "", "shown")
    ledger.run(written_run("run-1"))
    ledger.run([*quoted_run("run-2")[:-1], shown, quoted_run("run-2")[-1]])
    ledger.run(quoted_run("run-3", status=Status.ABSTAINED))
    row = ledger.all_together
    assert (row.sentences, row.supported, row.checked, row.ungrounded) == (3, 2, 2, 1)
    assert (row.grounded_share, row.ungrounded_share) == (2 / 3, 0.5)


def test_interruptions_and_limits_are_told_from_failures(ledger: Ledger) -> None:
    ledger.run(quoted_run("run-1"))
    ledger.run(quoted_run("run-2")[:2])
    ledger.run([*quoted_run("run-3")[:2], RunStopped("run-3", "failed", "ReadError", "", 1.0)])
    ledger.run([*quoted_run("run-4")[:2], RunFinished("run-4", Status.LIMITED, None, 1.0)])
    row = ledger.all_together
    assert (row.failed, row.interrupted, row.other, row.limited) == (2, 1, 1, 1)
    assert row.available_share == pytest.approx(1 / 3)


def sync(run_id: str, *, hours_before: float, status: Status = Status.ANSWERED) -> list[Event]:
    began = STARTED_AT - timedelta(hours=hours_before)
    return [
        RunStarted(run_id, "index", "/notes", "", "local", began),
        SyncFinished(1, 0, 0, 0, 0, 0, 1, 6, 60_000.0),
        RunFinished(run_id, status, None, 60_000.0),
    ]


def test_the_age_of_the_index_counts_from_the_last_whole_sync_before_a_search(
    ledger: Ledger,
) -> None:
    ledger.run(sync("sync-1", hours_before=5))
    ledger.run(sync("sync-2", hours_before=2))
    ledger.run(sync("sync-3", hours_before=1, status=Status.FAILED))
    ledger.run(sync("sync-4", hours_before=-1))
    ledger.run(quoted_run("run-1"))
    ledger.run(quoted_run("run-2", started_at=STARTED_AT - timedelta(days=1)))
    assert ledger.all_together.index_age_p95_s == 7_200.0
    assert ledger.reader.standing().synced_at == STARTED_AT + timedelta(hours=1)


def test_the_age_of_the_index_is_no_younger_for_a_sync_of_some_sources(ledger: Ledger) -> None:
    began, synced, ended = sync("sync-2", hours_before=1)
    assert isinstance(synced, SyncFinished)
    ledger.run(sync("sync-1", hours_before=5))
    ledger.run([began, replace(synced, whole=False), ended])
    ledger.run(quoted_run("run-1"))
    assert ledger.all_together.index_age_p95_s == 5 * 3_600.0
    assert ledger.reader.standing().synced_at == STARTED_AT - timedelta(hours=5)


def indexed(run_id: str, *arrivals: Arrival, hours: float, sources: Sequence[str]) -> list[Event]:
    """An index run that began so many hours after ``STARTED_AT`` and brought these arrivals."""
    began, synced, ended = sync(run_id, hours_before=-hours)
    assert isinstance(synced, SyncFinished)
    documents = [DocumentIndexed("/notes/a.md", 1, "added", arrival) for arrival in arrivals]
    return [began, *documents, replace(synced, sources=tuple(sources)), ended]


def arrival(source: str, *, changed: float, answerable: float) -> Arrival:
    """Hours after ``STARTED_AT``."""
    return Arrival(
        source,
        STARTED_AT + timedelta(hours=changed),
        STARTED_AT + timedelta(hours=answerable),
    )


def test_each_source_was_synced_when_the_last_run_began_that_read_it_to_its_end(
    ledger: Ledger,
) -> None:
    ledger.run(indexed("sync-1", hours=-9, sources=("notes", "wiki")))
    ledger.run(indexed("sync-2", hours=-3, sources=("notes",)))
    began, synced, _ = indexed("sync-3", hours=-1, sources=("wiki",))
    ledger.run([began, synced, RunFinished("sync-3", Status.FAILED, None, 1.0)])
    assert ledger.reader.standing().sources == {
        "notes": STARTED_AT - timedelta(hours=3),
        "wiki": STARTED_AT - timedelta(hours=9),
    }


def test_freshness_counts_from_the_change_or_the_sync_of_its_source_before(
    ledger: Ledger,
) -> None:
    assert ledger.reader.freshness(ALL, within_s=60.0) == Freshness(within_s=60.0)
    ledger.run(indexed("run-1", arrival("a", changed=-9, answerable=0), hours=0, sources=["a"]))
    assert ledger.reader.freshness(ALL, within_s=60.0).documents == 0
    ledger.run(
        indexed(
            "run-2",
            arrival("a", changed=3, answerable=5),
            arrival("a", changed=-100, answerable=5),  # copied there with the time it had
            arrival("a", changed=7, answerable=5),  # by a clock that is ahead
            arrival("b", changed=4, answerable=5),  # its first sync
            hours=4.5,
            sources=["a", "b"],
        )
    )
    # Of several syncs before the last one counts; one that broke off names no source.
    ledger.run(
        [
            *indexed("run-3", arrival("a", changed=5, answerable=6), hours=6, sources=[])[:2],
            RunStopped("run-3", "interrupted", "StoppedError", "", 1.0),
        ]
    )
    ledger.run(indexed("run-4", arrival("b", changed=0, answerable=8), hours=8, sources=["b"]))
    found = ledger.reader.freshness(ALL, within_s=2 * 3_600.0)
    # hours: 2, 5 and 0 in run-2, 1 in run-3, 3.5 in run-4
    assert (found.documents, found.within, found.within_share) == (5, 3, 0.6)
    assert found.lag_p50_s == 2 * 3_600.0
    assert found.lag_p95_s == pytest.approx((3.5 + 0.8 * 1.5) * 3_600.0)
    late = RunFilter(since=STARTED_AT + timedelta(hours=6), until=STARTED_AT + timedelta(hours=8))
    assert ledger.reader.freshness(late, within_s=60.0) == Freshness(1, 3_600.0, 3_600.0, 0, 60.0)


def test_what_is_asked_at_once_adds_up_as_when_it_is_asked_one_by_one(ledger: Ledger) -> None:
    ledger.run(sync("sync-1", hours_before=5))
    ledger.run(quoted_run("run-1"))
    with ledger.reader.at_once() as reader:
        found = reader.stats(ALL, by=""), reader.standing(), reader.runs(ALL, limit=9)
    assert found == (
        ledger.reader.stats(ALL, by=""),
        ledger.reader.standing(),
        ledger.reader.runs(ALL, limit=9),
    )
    assert found[0][0].runs == 2


def test_the_last_change_of_a_budget_says_what_is_left(ledger: Ledger) -> None:
    assert ledger.reader.standing().budgets == ()
    ledger.record(
        "",
        BudgetChanged("team", "settled", 5, 900, 1_000, "2026-10"),
        BudgetChanged("team", "reserved", 5, 10, 1_000, "2026-11", 7, 20, 500),
        BudgetChanged("ann", "settled", 7, 1_200, 1_000),
        BudgetChanged("open", "settled", 7, 7),
    )
    budgets = ledger.reader.standing().budgets
    assert budgets[-1] == BudgetState("team", "2026-11", 10, 1_000, 20, 500)
    left = {budget.budget: budget.left_microusd for budget in budgets}
    assert left == {"ann": 0, "open": None, "team": 990}


def test_a_guard_that_stops_what_goes_out_makes_a_violation_and_one_that_reads_does_not(
    ledger: Ledger,
) -> None:
    ledger.run(quoted_run("run-1"), GuardChecked("redaction", "output", "blocked"))
    ledger.run(quoted_run("run-2"), GuardChecked("injection", "retrieved", "flagged"))
    ledger.run(quoted_run("run-3"), GuardChecked("redaction", "egress", "redacted"))
    ledger.run(quoted_run("run-4"))
    row = ledger.all_together
    assert (row.guarded, row.violating, row.violating_share) == (3, 1, 1 / 3)


def test_runs_with_tools_have_a_latency_of_their_own(ledger: Ledger) -> None:
    ledger.run(quoted_run("run-1", latency_ms=100.0))
    ledger.run(
        quoted_run("run-2", latency_ms=900.0),
        ToolCalled("search_tickets", "read", "ok"),
        ToolCalled("close_ticket", "write", "denied"),
    )
    row = ledger.all_together
    assert (row.tool_calls, row.failed_tool_calls, row.with_tools) == (2, 1, 1)
    assert (row.toolless_latency_p95_ms, row.tools_latency_p95_ms) == (100.0, 900.0)


def test_extractions_are_valid_at_first_or_at_last(ledger: Ledger) -> None:
    ledger.run(
        quoted_run("run-1"),
        ExtractionFinished("ticket", "1", "valid"),
        ExtractionFinished("ticket", "1", "repaired", answers=2),
        ExtractionFinished("ticket", "1", "repaired", answers=2),
        ExtractionFinished("ticket", "1", "invalid", answers=2),
    )
    row = ledger.all_together
    assert (row.valid_at_first_share, row.valid_share) == (0.25, 0.75)


def test_a_hit_counts_once_a_run_and_false_ones_are_a_share_of_those_checked(
    ledger: Ledger,
) -> None:
    hit = CacheUsed("semantic", "hit", checked="wrong", saved_microusd=500)
    ledger.run(quoted_run("run-1"), CacheUsed("exact", "miss"), hit)
    ledger.run(quoted_run("run-2"), CacheUsed("exact", "miss"), CacheUsed("semantic", "rejected"))
    ledger.run(quoted_run("run-3"), CacheUsed("exact", "hit", checked="right", saved_microusd=9))
    ledger.run(quoted_run("run-4"), CacheUsed("provider", "hit"), CacheUsed("exact", "bypassed"))
    row = ledger.all_together
    assert (row.cache_asked, row.cache_hits, row.cache_saved_microusd) == (3, 2, 509)
    assert (row.cache_checked, row.cache_wrong, row.cache_false_share) == (2, 1, 0.5)


def test_runs_are_grouped_by_route_and_by_prompt_with_its_version(ledger: Ledger) -> None:
    ledger.run(written_run("run-1"))
    ledger.run(sync("run-2", hours_before=1))
    routes = ledger.reader.stats(ALL, by="route")
    assert [(row.group, row.runs) for row in routes] == [("(none)", 1), ("answer", 1)]
    prompts = ledger.reader.stats(ALL, by="prompt")
    assert [(row.group, row.calls) for row in prompts] == [("(none)", 0), ("answer 3", 2)]


def test_runs_are_grouped_by_the_release_that_was_in_force(ledger: Ledger) -> None:
    ledger.run(written_run("run-1"))
    ledger.run(sync("run-2", hours_before=1))
    releases = ledger.reader.stats(ALL, by="release")
    assert [(row.group, row.runs) for row in releases] == [("(none)", 1), ("r1", 1)]


def test_runs_are_grouped_by_the_hour_the_day_and_the_month_that_they_began_in(
    ledger: Ledger,
) -> None:
    for n, minutes in enumerate((0, 5, 60, 40 * 24 * 60)):
        ledger.run(quoted_run(f"run-{n}", started_at=STARTED_AT + timedelta(minutes=minutes)))
    for by, counts in (("hour", [2, 1, 1]), ("day", [3, 1]), ("month", [3, 1])):
        rows = ledger.reader.stats(ALL, by=by)  # type: ignore[arg-type]
        assert [row.runs for row in rows] == counts
        assert rows[0].group == f"{STARTED_AT:{MOMENTS[by]}}"  # type: ignore[index]
        for row in rows:
            [again] = ledger.reader.stats(within(ALL, row.group, by=by), by="")  # type: ignore[arg-type]
            assert again.runs == row.runs


def test_runs_are_chosen_by_the_group_that_they_fall_into(ledger: Ledger) -> None:
    ledger.run(written_run("run-1"))
    ledger.run(sync("run-2", hours_before=1))
    for by in ("model", "route", "prompt"):
        for row in ledger.reader.stats(ALL, by=by):  # type: ignore[arg-type]
            where = RunFilter(**{by: row.group})  # type: ignore[arg-type]
            [chosen] = ledger.reader.stats(where, by="")
            assert replace(chosen, group=row.group) == row
            [run] = ledger.reader.runs(where, limit=9)
            assert run.id == ("run-2" if row.group == NONE else "run-1")
    assert ledger.reader.runs(RunFilter(model="another"), limit=9) == []
    assert ledger.reader.failures(RunFilter(route="answer")) == ledger.reader.failures(ALL) != []


def test_runs_are_chosen_by_what_somebody_thinks_of_them_at_last(ledger: Ledger) -> None:
    good, bad = FeedbackGiven("good", "ann"), FeedbackGiven("bad", "ann")
    ledger.run(quoted_run("run-1"), good, bad)
    ledger.run(quoted_run("run-2"), bad, FeedbackGiven("good", "bob"))
    ledger.run(quoted_run("run-3"))

    def ids(rating: str) -> set[str]:
        return {run.id for run in ledger.reader.runs(RunFilter(rating=rating), limit=9)}

    assert (ids("good"), ids("bad")) == ({"run-2"}, {"run-1", "run-2"})
    [row] = ledger.reader.stats(RunFilter(rating="bad"), by="")
    assert (row.runs, row.good, row.bad) == (2, 1, 2)


def test_a_period_ends_before_its_end(ledger: Ledger) -> None:
    for hour in range(3):
        ledger.run(quoted_run(f"run-{hour}", started_at=STARTED_AT + timedelta(hours=hour)))
    until = RunFilter(since=STARTED_AT, until=STARTED_AT + timedelta(hours=2))
    assert [run.id for run in ledger.reader.runs(until, limit=9)] == ["run-1", "run-0"]
    [row] = ledger.reader.stats(until, by="")
    assert row.runs == 2


def test_failures_with_the_same_text_are_told_together_the_most_frequent_first(
    ledger: Ledger,
) -> None:
    assert ledger.reader.failures(ALL) == []
    stopped = RunStopped("run-3", "failed", "KnowledgeIndexError", "there is no index", 8.0)
    denied = ToolCalled("close_ticket", "write", "denied")
    ledger.run(written_run("run-1"))
    ledger.run(written_run("run-2", started_at=STARTED_AT + timedelta(hours=1)))
    ledger.run([*written_run("run-3", started_at=STARTED_AT + timedelta(hours=2))[:3], stopped])
    ledger.run(quoted_run("run-4", started_at=STARTED_AT - timedelta(hours=1)), denied)
    ledger.run(quoted_run("run-5", started_at=STARTED_AT - timedelta(hours=2))[:3])
    calls, index, tool, interrupted = ledger.reader.failures(ALL)
    assert (calls.origin, calls.where, calls.count) == ("model", "openai/gpt-5-mini", 2)
    assert (calls.error_type, calls.message) == (
        "ModelRateLimitError",
        "ModelRateLimitError: slow down",
    )
    assert (calls.first_at, calls.last_at) == (STARTED_AT, STARTED_AT + timedelta(hours=1))
    assert calls.last_run == "run-2"
    assert (index.origin, index.where, index.message) == ("run", "ask", "there is no index")
    assert (tool.origin, tool.where, tool.error_type) == ("tool", "close_ticket", "denied")
    assert (interrupted.error_type, interrupted.message) == ("interrupted", None)
    assert ledger.reader.failures(RunFilter(since=STARTED_AT + timedelta(hours=2))) == [index]


def test_a_failed_request_of_a_run_in_progress_counts_when_the_run_ends(ledger: Ledger) -> None:
    failed = ModelAttempt("m", "failed", "ModelTimeoutError: slow", None, None, 35.0)
    events = quoted_run("run-1")
    ledger.run([*events[:3], failed, *events[3:]])
    assert [one.error_type for one in ledger.reader.failures(ALL)] == ["ModelTimeoutError"]
