"""What every ledger does with records that belong to no stream."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from copilot.adapters.ledger.reader import LedgerReader
from copilot.adapters.ledger.spool import SpoolRunWriter
from copilot.ports import RunReader, RunWriter
from copilot.records import (
    ApprovalDecided,
    BudgetChanged,
    ExtractionFinished,
    FeedbackGiven,
    GuardChecked,
    Record,
    ToolCalled,
)
from copilot.runs import (
    RecordedDecision,
    RecordedExtraction,
    RecordedFeedback,
    RecordedGuard,
    RecordedTool,
    RunFilter,
)
from copilot.testing.memory_ledger import MemoryLedger
from copilot.testing.run_events import quoted_run, written_run

ALL = RunFilter()
NewWriter = Callable[[], RunWriter]


@pytest.fixture(params=["files", "memory"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[NewWriter, RunReader]:
    if request.param == "memory":
        memory = MemoryLedger()
        return lambda: memory, memory
    folder = tmp_path / "ledger"
    return lambda: SpoolRunWriter(folder, bodies=True), LedgerReader(folder)


def write(new_writer: NewWriter, run_id: str, *events: Record) -> None:
    writer = new_writer()
    for event in events:
        writer.append(run_id, event)
    writer.close()


def run(new_writer: NewWriter, events: list) -> None:
    writer = new_writer()
    for event in events:
        writer.append(events[0].run_id, event)
    writer.close()


def test_feedback_is_told_with_the_run_it_rates(ledger: tuple[NewWriter, RunReader]) -> None:
    new_writer, reader = ledger
    run(new_writer, quoted_run("run-1"))
    run(new_writer, quoted_run("run-2"))
    assert reader.run("run-1").feedback == ()
    given = FeedbackGiven("bad", "ann", ("stale",), comment="Too old.", correction="At nine.")
    write(new_writer, "run-1", given)
    write(new_writer, "run-1", FeedbackGiven("good", "ann"))
    assert reader.run("run-1").feedback == (
        RecordedFeedback("bad", "ann", ("stale",), "Too old.", "At nine."),
        RecordedFeedback("good", "ann", (), None, None),
    )
    assert reader.run("run-2").feedback == ()


def test_a_record_that_comes_before_its_run_makes_none_and_finds_it_later(
    ledger: tuple[NewWriter, RunReader],
) -> None:
    new_writer, reader = ledger
    write(new_writer, "run-1", FeedbackGiven("good", "ann"))
    write(new_writer, "", BudgetChanged("day", "settled", 5, 10))
    assert reader.runs(ALL, limit=5) == []
    run(new_writer, quoted_run("run-1"))
    assert [one.status for one in reader.runs(ALL, limit=5)] == ["answered"]
    assert [one.rating for one in reader.run("run-1").feedback] == ["good"]


def test_records_amid_a_run_change_nothing_about_it(ledger: tuple[NewWriter, RunReader]) -> None:
    new_writer, reader = ledger
    events = written_run("run-1")
    run(new_writer, [*events[:4], GuardChecked("redaction", "egress", "passed"), *events[4:]])
    run(new_writer, written_run("run-2"))
    with_record, without = (reader.run(name) for name in ("run-1", "run-2"))
    assert with_record.attempts == without.attempts
    assert with_record.summary.cost_microusd == without.summary.cost_microusd
    assert (with_record.route, with_record.summary.status) == ("answer", "answered")


def test_the_records_that_a_run_read_are_told_with_it(ledger: tuple[NewWriter, RunReader]) -> None:
    new_writer, reader = ledger
    events = written_run("run-1")
    read = ExtractionFinished(
        "ticket", "1", "invalid", 2, ("due", "tags[0]"), "mail.eml", record='{"due": null}'
    )
    bare = ExtractionFinished("ticket", "1", "valid", source="other.eml")
    run(new_writer, [*events[:-1], read, bare, events[-1]])
    assert reader.run("run-1").extractions == (
        RecordedExtraction(
            "ticket", "1", "invalid", 2, ("due", "tags[0]"), "mail.eml", '{"due": null}'
        ),
        RecordedExtraction("ticket", "1", "valid", 1, (), "other.eml", None),
    )


def test_what_was_decided_on_its_proposals_is_told_with_a_run(
    ledger: tuple[NewWriter, RunReader],
) -> None:
    new_writer, reader = ledger
    run(new_writer, written_run("run-1"))
    edited = ApprovalDecided("p-1", "desk.create", "edited", "person", "ann", "asks", 9.0)
    denied = ApprovalDecided("p-2", "jira.create", "rejected", "policy", "ann", "no", 1.0, "Not it")
    write(new_writer, "run-1", edited)
    write(new_writer, "run-1", denied)
    write(new_writer, "run-2", edited)
    assert reader.run("run-1").decisions == (
        RecordedDecision("p-1", "desk.create", "edited", "person", "ann", "asks", None),
        RecordedDecision("p-2", "jira.create", "rejected", "policy", "ann", "no", "Not it"),
    )


def test_what_tools_and_guards_did_is_told_with_a_run(ledger: tuple[NewWriter, RunReader]) -> None:
    new_writer, reader = ledger
    looked = ToolCalled("lookup", "read", "ok", latency_ms=4.0, arguments='{"id": 1}', result="[]")
    denied = ToolCalled("restart", "exec", "denied", tainted=True, error_type="DeniedError")
    flagged = GuardChecked(
        "injection", "retrieved", "flagged", "override", "p-1", 2, 0.9, 1.0, "ignore all"
    )
    events = written_run("run-1")
    run(new_writer, [*events[:4], looked, flagged, denied, *events[4:]])
    told = reader.run("run-1")
    assert told.tools == (
        RecordedTool("lookup", "read", "ok", False, "", '{"id": 1}', "[]", None),
        RecordedTool("restart", "exec", "denied", True, "DeniedError", None, None, None),
    )
    assert told.guards == (
        RecordedGuard("injection", "retrieved", "flagged", "override", "p-1", 2, 0.9, "ignore all"),
    )
