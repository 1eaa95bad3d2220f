"""The steps of a recorded run: what came after what, when, and where a broken one ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from copilot.events import RunStopped
from copilot.ledger.explaining import explain
from copilot.records import ApprovalDecided, FeedbackGiven, GuardChecked, ToolCalled
from copilot.runs import ExplainedRun, RunDetail, RunStep
from copilot.signals import (
    TracedAttempt,
    TracedGuard,
    TracedPrompt,
    TracedRun,
    TracedTool,
    TracedVerdict,
)
from copilot.testing.memory_ledger import MemoryLedger
from copilot.testing.run_events import PROMPT, STARTED_AT, quoted_run, written_run


def at(milliseconds: float):
    return STARTED_AT + timedelta(milliseconds=milliseconds)


def traced(run: RunDetail, **known: object) -> TracedRun:
    summary = run.summary
    bare = TracedRun(
        id=summary.id,
        kind=summary.kind,
        status=summary.status,
        started_at=STARTED_AT,
        ended_at=at(summary.latency_ms or 0.0),
        conversation="",
        release="",
        model=summary.model,
        prompt=run.prompt,
        index_version=run.index_version,
        follow_up=run.follow_up,
        retrieval_ms=run.retrieval_ms,
        first_token_ms=summary.first_token_ms,
        input_tokens=0,
        output_tokens=0,
        cost_microusd=None,
        error_type=run.error_type,
    )
    return replace(bare, **known)  # type: ignore[arg-type]


def attempt(number: int, ended: float, took: float) -> TracedAttempt:
    return TracedAttempt(
        f"r:{number}", "m", "ok", "", 1, 1, None, False, None, took, "chat", at(ended)
    )


def written() -> tuple[MemoryLedger, RunDetail]:
    ledger = MemoryLedger()
    for event in written_run("run-1"):
        ledger.append("run-1", event)
    return ledger, ledger.run("run-1")


def kinds(told: ExplainedRun) -> list[str]:
    return [step.kind for step in told.steps]


def only(told: ExplainedRun, kind: str) -> RunStep:
    [step] = [step for step in told.steps if step.kind == kind]
    return step


def test_steps_stand_in_the_order_in_which_they_began() -> None:
    _, run = written()
    requests = (attempt(1, 110, 60), attempt(2, 420, 300))
    assert len(run.attempts) == len(requests)
    told = explain(
        run,
        traced(
            run,
            attempts=requests,
            prompts=(TracedPrompt(PROMPT.id, PROMPT.version, at(45)),),
            verdicts=tuple(TracedVerdict("", "", 0, at(ms)) for ms in (300, 410)),
        ),
    )
    began = [step.start_ms for step in told.steps if step.start_ms is not None]
    assert began == sorted(began)
    assert kinds(told)[:3] == ["asked", "rewritten", "search"]
    assert kinds(told).index("prompt") < kinds(told).index("model") < kinds(told).index("request")
    assert [(s.start_ms, s.took_ms) for s in told.steps if s.kind == "request"] == [
        (50, 60),
        (120, 300),
    ]
    assert [s.failed for s in told.steps if s.kind == "request"] == [True, False]
    check = only(told, "check")
    assert (check.start_ms, check.took_ms, check.told) == (300, 110, "1 shown, 1 dropped")
    assert only(told, "prompt").start_ms == 45
    assert only(told, "end").start_ms == told.took_ms >= (run.summary.latency_ms or 0)


def test_a_request_carries_its_tokens_its_money_and_what_went_wrong() -> None:
    _, run = written()
    told = explain(run, traced(run, attempts=(attempt(1, 110, 60), attempt(2, 420, 300))))
    failed, done = (step for step in told.steps if step.kind == "request")
    assert (done.input_tokens, done.output_tokens, done.cost_microusd) == (900, 40, 1_234)
    assert failed.parts[-1].texts == ("ModelRateLimitError: slow down",)


def test_hits_say_their_scores_and_what_became_of_them() -> None:
    _, run = written()
    parts = only(explain(run, traced(run)), "search").parts
    assert [part.passage_id for part in parts] == [hit.passage_id for hit in run.hits]
    assert any(text.startswith("kept: cited as") for part in parts for text in part.texts if text)
    assert all("dense" in (part.texts[0] or "") for part in parts)


def test_what_is_told_twice_is_one_note() -> None:
    _, run = written()
    first, *_ = run.warnings
    again = replace(run, warnings=(first, replace(first, origin="answer", hint=None)))
    assert only(explain(again, traced(again)), "warning").told == first.message


def test_a_run_that_crashed_ends_where_its_last_record_stands() -> None:
    ledger = MemoryLedger()
    events = written_run("run-1")
    for event in events[:5]:
        ledger.append("run-1", event)
    ledger.close()
    run = ledger.run("run-1")
    moment = TracedPrompt(PROMPT.id, PROMPT.version, at(81))
    told = explain(run, traced(run, prompts=(moment,)))
    end = only(told, "end")
    assert (run.summary.latency_ms, run.summary.status) == (None, "interrupted")
    assert (end.start_ms, end.failed, end.told) == (81, True, "interrupted")
    assert "crashed" in end.parts[0].head
    assert kinds(told)[-1] == "end"


def test_a_stopped_run_says_what_stopped_it() -> None:
    ledger = MemoryLedger()
    ledger.append("run-1", quoted_run("run-1")[0])
    stopped = RunStopped("run-1", "failed", "KnowledgeIndexError", "there is no index", 9.0)
    ledger.append("run-1", stopped)
    run = ledger.run("run-1")
    told = explain(run, traced(run))
    assert kinds(told) == ["asked", "end"]
    end = only(told, "end")
    assert (end.start_ms, end.failed, end.told) == (9.0, True, "failed: KnowledgeIndexError")
    assert end.parts[0].texts == ("there is no index",)


def test_tools_guards_decisions_and_feedback_are_steps_too() -> None:
    ledger, _ = written()
    ledger.append("run-1", ToolCalled("restart", "exec", "denied", tainted=True))
    ledger.append("run-1", GuardChecked("injection", "retrieved", "blocked", reason="ignore all"))
    ledger.append("run-1", ApprovalDecided("p-1", "desk.create", "approved", "person", "ann"))
    ledger.append("run-1", FeedbackGiven("bad", "ann", correction="At nine."))
    run = ledger.run("run-1")
    told = explain(
        run,
        traced(
            run,
            tools=(TracedTool("r:7", "restart", "exec", "denied", True, "", 5.0, at(250)),),
            guards=(TracedGuard("injection", 1.0, at(90)),),
        ),
    )
    assert kinds(told)[-3:] == ["end", "decision", "feedback"]
    tool, guard = only(told, "tool"), only(told, "guard")
    assert (tool.start_ms, tool.failed) == (245, True)
    assert "with words from what was read" in (tool.told or "")
    assert (guard.start_ms, guard.failed) == (89, True)
    assert only(told, "feedback").parts[0].texts == ("At nine.",)


def test_a_text_that_is_gone_is_none_and_never_empty() -> None:
    _, run = written()
    gone = tuple(replace(one, body=None) for one in run.prompts)
    gone_run = replace(run, answer=None, prompts=gone, summary=replace(run.summary, question=None))
    told = explain(gone_run, traced(gone_run))
    assert only(told, "asked").told is None
    assert only(told, "prompt").parts[0].texts == (None,)
    assert (None,) in [part.texts for part in only(told, "end").parts if part.head == "answer"]
