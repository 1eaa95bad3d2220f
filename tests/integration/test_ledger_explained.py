"""A run in a real ledger, step by step: its times, and texts that are gone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from copilot.adapters.ledger.spool import SpoolRunWriter
from copilot.adapters.ledger.traces import LedgerTraces
from copilot.errors import NotFoundError
from copilot.ledger.explaining import explained
from copilot.records import GuardChecked, ToolCalled
from copilot.runs import RunStep
from copilot.testing.run_events import TEMPLATE, written_run


def write(folder: Path, *, bodies: bool = True, until: int | None = None) -> None:
    """A run that begins now, with a tool and a guard amid it; ``until``: it crashed there."""
    events = written_run("run-1", started_at=datetime.now(UTC))
    amid = [
        ToolCalled("lookup", "read", "ok", latency_ms=2.0, arguments='{"id": 1}'),
        GuardChecked("injection", "retrieved", "flagged", latency_ms=1.0, reason="orders"),
    ]
    writer = SpoolRunWriter(folder, bodies=bodies)
    for event in [*events[:6], *amid, *events[6:]][:until]:
        writer.append("run-1", event)
    writer.close()


def only(steps: tuple[RunStep, ...], kind: str) -> RunStep:
    [found] = [step for step in steps if step.kind == kind]
    return found


def test_prompts_tools_guards_checks_and_requests_stand_at_their_times(tmp_path: Path) -> None:
    write(tmp_path)
    told = explained(LedgerTraces(tmp_path), "run")
    for kind in ("search", "prompt", "tool", "guard", "check"):
        step = only(told.steps, kind)
        assert step.start_ms is not None, kind
        assert 0 <= step.start_ms <= told.took_ms, kind
    assert only(told.steps, "tool").took_ms == pytest.approx(2.0, abs=2.0)
    assert only(told.steps, "tool").parts[0].texts == ('{"id": 1}',)
    assert only(told.steps, "prompt").parts[0].texts == (TEMPLATE,)
    assert told.run.guards[0].reason == "orders"
    requests = [step for step in told.steps if step.kind == "request"]
    assert [step.wait_ms for step in requests] == [None, 210.0]


def test_without_its_texts_a_run_still_has_its_steps_and_times(tmp_path: Path) -> None:
    write(tmp_path, bodies=False)
    told = explained(LedgerTraces(tmp_path), "last")
    assert only(told.steps, "asked").told is None
    assert only(told.steps, "prompt").parts[0].texts == (None,)
    assert only(told.steps, "tool").parts[0].texts == (None,)
    assert only(told.steps, "check").start_ms is not None


def test_a_run_whose_program_was_killed_ends_at_its_last_record(tmp_path: Path) -> None:
    write(tmp_path, until=7)
    told = explained(LedgerTraces(tmp_path), "run-1")
    assert told.run.summary.status == "interrupted"
    assert [step.kind for step in told.steps][-1] == "end"
    assert told.steps[-1].failed
    assert told.took_ms >= (only(told.steps, "tool").start_ms or 0.0)


def test_a_run_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no run feed"):
        explained(LedgerTraces(tmp_path), "feed")
