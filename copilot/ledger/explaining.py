"""What a recorded run consists of: its steps with their times, and what is to be read of each.

Invariant: one reading for every front end; a time is the ledger's or missing, never guessed but
where ``signals`` says so, and a text that isn't kept any more is None.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Protocol

from copilot.errors import NotFoundError
from copilot.places import describe, display_path
from copilot.runs import (
    ExplainedRun,
    RecordedAttempt,
    RecordedHit,
    RunDetail,
    RunPart,
    RunStep,
)
from copilot.signals import TracedRun

# Of a hit's scores those that a person compares; the export has them all.
SCORES = ("dense", "sentence", "lexical")
_FAILED = frozenset({"failed", "interrupted"})
_ANSWERED = frozenset({"answered", "degraded", "abstained"})


class ExplainingReader(Protocol):
    """Tells runs and their times. Raises what ``RunReader`` raises."""

    def run(self, prefix: str) -> RunDetail: ...

    def traces(self, run_ids: Sequence[str], *, texts: bool) -> list[TracedRun]: ...

    def at_once(self) -> AbstractContextManager[ExplainingReader]: ...


def explained(reader: ExplainingReader, prefix: str) -> ExplainedRun:
    """The run whose id begins so. Raises NotFoundError, UsageError, StorageError."""
    with reader.at_once() as now:
        run = now.run(prefix)
        found = now.traces([run.summary.id], texts=False)
    if not found:
        raise NotFoundError(f"there is no run {prefix}", hint="copilot runs list")
    return explain(run, found[0])


def explain(run: RunDetail, traced: TracedRun) -> ExplainedRun:
    """The steps in the order of their beginnings; one without a time stands behind its cause."""
    made = [*_begun(run, traced), *_made(run, traced)]
    latest, keyed = 0.0, []
    for step in made:
        latest = latest if step.start_ms is None else step.start_ms
        keyed.append((latest, step))
    keyed.sort(key=lambda one: one[0])
    ends = [step.start_ms + (step.took_ms or 0.0) for step in made if step.start_ms is not None]
    took = max([run.summary.latency_ms or 0.0, *ends])
    steps = (*(step for _, step in keyed), *_notes(run), _end(run, took), *_afterwards(run))
    return ExplainedRun(run, steps, took)


# --- steps ------------------------------------------------------------------------------


def _begun(run: RunDetail, traced: TracedRun) -> Iterator[RunStep]:
    """What was asked, searched and given to whom."""
    summary = run.summary
    said = tuple(RunPart(turn.role, (turn.text,)) for turn in run.history)
    if run.summarised is not None:
        said = (RunPart("summary", (run.summarised.text,)), *said)
    who = RunPart(f"by {summary.principal}" if summary.principal else "by nobody named")
    talk = (RunPart(f"in the conversation {summary.conversation}"),) if summary.conversation else ()
    yield RunStep("asked", asked_as(run), summary.question, 0.0, parts=(who, *talk, *said))
    searched_for = [query for query in run.queries if query != summary.question or query is None]
    if searched_for:
        title = "Follow-up" if run.follow_up else "Rewritten"
        parts = tuple(RunPart("searched for", (query,)) for query in run.queries)
        yield RunStep("rewritten", title, searched_for[0], parts=parts)
    if traced.searched is not None:
        kept = sum(hit.kept is True for hit in run.hits)
        of_these = f", {kept} kept" if any(hit.kept is not None for hit in run.hits) else ""
        told = f"{len(run.hits)} hits{of_these}, index version {run.index_version}"
        start, took = _span(traced, *traced.searched)
        yield RunStep("search", "Search", told, start, took, parts=hits(run))
    for number, prompt in enumerate(run.prompts):
        version = prompt.version
        moments = [_since(traced, p.rendered_at) for p in traced.prompts if p.id == version.id]
        parts = (RunPart(f"digest {version.digest[:12]}", (prompt.body,)),)
        name, first = f"{version.id} {version.version}", min(moments, default=None)
        yield RunStep("prompt", "Prompt", name, first, parts=parts)
        if number == 0:
            yield from _model(run)
    if not run.prompts:
        yield from _model(run)


def _model(run: RunDetail) -> Iterator[RunStep]:
    if run.summary.model:
        yield RunStep("model", "Model", _chosen(run), parts=settings(run))


def _made(run: RunDetail, traced: TracedRun) -> Iterator[RunStep]:
    """What models, checks, tools and guards did, and what came of it."""
    for attempt, timed in zip(run.attempts, traced.attempts, strict=False):
        start, took = _span(traced, timed.started_at, timed.ended_at)
        yield _request(attempt, start, took)
    if run.summary.first_token_ms is not None:
        yield RunStep("first text", "First text", "shown", run.summary.first_token_ms)
    if run.verdicts:
        moments = [one.checked_at for one in traced.verdicts] or [traced.started_at]
        start, took = _span(traced, min(moments), max(moments))
        yield RunStep("check", "Checks", checked(run), start, took, parts=sentences(run))
    for tool, called in zip(run.tools, traced.tools, strict=False):
        start, took = _span(traced, called.started_at, called.ended_at)
        tainted = ", with words from what was read" if tool.tainted else ""
        parts = [RunPart("arguments", (tool.arguments,)), RunPart("result", (tool.result,))]
        if tool.error_type:
            parts.append(RunPart(tool.error_type, (tool.error,)))
        told, failed = f"{tool.tool} ({tool.effect}): {tool.outcome}{tainted}", tool.outcome != "ok"
        yield RunStep("tool", "Tool", told, start, took, failed=failed, parts=tuple(parts))
    for guard, check in zip(run.guards, traced.guards, strict=False):
        start, took = _span(traced, check.started_at, check.ended_at)
        told = f"{guard.guard} at {guard.stage}: {guard.verdict}"
        parts = [RunPart(what) for what in (guard.rule, guard.subject) if what]
        parts += [RunPart("why", (guard.reason,))] if guard.reason else []
        blocked = guard.verdict == "blocked"
        yield RunStep("guard", "Guard", told, start, took, failed=blocked, parts=tuple(parts))
    for read in records(run):
        yield RunStep("record", "Record", read.head, parts=(read,))
    if run.sync is not None:
        yield RunStep("index", "Index", synced(run))


def _notes(run: RunDetail) -> Iterator[RunStep]:
    """What the reader was told besides, without a time; what the answer says again is told once."""
    said = set()
    for warning in run.warnings:
        if warning.message is not None and warning.message in said:
            continue
        said.add(warning.message)
        hint = (RunPart("hint", (warning.hint,)),) if warning.hint else ()
        yield RunStep("warning", "Note", warning.message, parts=hint)


def _request(attempt: RecordedAttempt, start: float | None, took: float | None) -> RunStep:
    asked = "" if attempt.operation == "chat" else f" ({attempt.operation})"
    about = "about " if attempt.estimated else ""
    saved = f" ({attempt.saved_tokens} saved)" if attempt.saved_tokens else ""
    spent = f"{about}{attempt.input_tokens} + {attempt.output_tokens} tokens{saved}"
    parts = [RunPart(spent)]
    if failure(attempt):
        parts.append(RunPart("error", (failure(attempt),)))
    return RunStep(
        "request",
        "Request",
        f"{attempt.model}{asked}: {attempt.outcome}",
        start,
        took,
        wait_ms=attempt.first_token_ms,
        failed=attempt.outcome != "ok",
        input_tokens=attempt.input_tokens,
        output_tokens=attempt.output_tokens,
        cost_microusd=attempt.cost_microusd,
        parts=tuple(parts),
    )


def _end(run: RunDetail, took: float) -> RunStep:
    """How it ended; one that was stopped ends where its last record stands."""
    summary = run.summary
    told = summary.status + (f": {run.error_type}" if run.error_type else "")
    parts: list[RunPart] = []
    if run.error_type:
        parts.append(RunPart(run.error_type, (run.error,)))
    elif summary.latency_ms is None:
        parts.append(RunPart("no record tells its end: the program was stopped or crashed"))
    if run.answer is not None or missing_answer(run):
        parts.append(RunPart("answer", (run.answer,)))
    parts += citations(run)
    failed = summary.status in _FAILED
    return RunStep("end", "End", told, took, failed=failed, parts=tuple(parts))


def _afterwards(run: RunDetail) -> Iterator[RunStep]:
    for part in decisions(run):
        yield RunStep("decision", "Decision", part.head, parts=(part,))
    for part in ratings(run):
        yield RunStep("feedback", "Feedback", part.head, parts=(part,))


def _since(traced: TracedRun, moment: datetime) -> float:
    return max(0.0, (moment - traced.started_at) / timedelta(milliseconds=1))


def _span(traced: TracedRun, start: datetime, end: datetime) -> tuple[float, float]:
    begun = _since(traced, start)
    return begun, max(0.0, _since(traced, end) - begun)


# --- what there is to read ---------------------------------------------------------------


def asked_as(run: RunDetail) -> str:
    """What stands in a run's place of a question."""
    return {"index": "Paths", "extract": "Read", "test": "Tried"}.get(run.summary.kind, "Question")


def missing_answer(run: RunDetail) -> bool:
    """Whether it had an answer that isn't kept."""
    written = run.inputs is not None and run.inputs.settings is not None
    answers = run.summary.kind == "ask" or written
    return run.answer is None and answers and run.summary.status in _ANSWERED


def _chosen(run: RunDetail) -> str:
    reason = f" ({run.model_reason})" if run.model_reason else ""
    route = f", route {run.route}" if run.route else ""
    return f"{run.summary.model}{reason}{route}"


def settings(run: RunDetail) -> tuple[RunPart, ...]:
    """What decided the answer besides the question."""
    inputs = run.inputs
    if inputs is None or inputs.settings is None:
        return ()
    made, lines = inputs.settings, []
    if made.model:
        lines = [f"models.answer = {made.model}", f"models.temperature = {made.temperature:g}"]
        lines.append(f"models.max_output_tokens = {made.max_output_tokens}")
    lines.append(f"answer.max_words = {made.max_words}")
    if made.abstain_below is not None:
        lines.append(f"answer.abstain_below = {made.abstain_below:g}")
    return tuple(RunPart(line) for line in (*lines, f"copilot {inputs.program}"))


def hits(run: RunDetail) -> tuple[RunPart, ...]:
    """Each hit: where it is, its scores, and what became of it and why."""
    return tuple(
        RunPart(
            f"{hit.rank}. {display_path(hit.path)}, {describe(hit.locator)}",
            tuple(line for line in (scores(hit), fate(hit)) if line),
            hit.passage_id,
        )
        for hit in run.hits
    )


def scores(hit: RecordedHit) -> str:
    """``1.234 (dense 0.700, lexical 12.1)``: the parts of a score that are of one scale each."""
    each = ", ".join(f"{name} {hit.scores[name]:.3f}" for name in SCORES if name in hit.scores)
    whole = "-" if hit.score is None else f"{hit.score:.3f}"
    return f"{whole} ({each})" if each else whole


def fate(hit: RecordedHit) -> str:
    """Whether it stands in the answer, and why; empty where nothing weighed it."""
    if not hit.reason:
        return ""
    return f"{'kept' if hit.kept else 'dropped'}: {hit.reason}"


def checked(run: RunDetail) -> str:
    """``4 shown, 1 dropped``."""
    actions = [verdict.action for verdict in run.verdicts]
    return ", ".join(f"{actions.count(action)} {action}" for action in dict.fromkeys(actions))


def sentences(run: RunDetail) -> tuple[RunPart, ...]:
    """Each sentence with its verdict and what it cites."""
    parts = []
    for number, verdict in enumerate(run.verdicts, start=1):
        cited = "".join(f"[{n}]" for n in verdict.citations) or "no citation"
        reason = f": {verdict.reason}" if verdict.reason else ""
        told = f"{number}. {verdict.support}, {verdict.action}, {cited}{reason}"
        parts.append(RunPart(told, (verdict.sentence,)))
    return tuple(parts)


def citations(run: RunDetail) -> tuple[RunPart, ...]:
    """Each citation: its place, the rank of its passage among the hits, its quote."""
    ranks = {hit.passage_id: hit.rank for hit in run.hits}
    return tuple(
        RunPart(
            f"[{one.n}] {display_path(one.path)}, {describe(one.locator)}"
            + (f", rank {ranks[one.passage_id]}" if one.passage_id in ranks else ""),
            (one.quote,),
            one.passage_id,
        )
        for one in run.citations
    )


def records(run: RunDetail) -> tuple[RunPart, ...]:
    """Each record that was read from a text."""
    parts = []
    for read in run.extractions:
        fields = ", ".join(read.failed_fields)
        at_fault = (f"at fault: {fields}",) if fields else ()
        parts.append(RunPart(f"{read.schema}, {read.outcome}", (read.record, *at_fault)))
    return tuple(parts)


def synced(run: RunDetail) -> str:
    """What became of the documents of an index run."""
    sync = run.sync
    if sync is None:
        return ""
    counts = (
        (sync.added, "added"),
        (sync.updated, "updated"),
        (sync.removed, "removed"),
        (sync.unchanged, "unchanged"),
        (sync.skipped, "skipped"),
        (sync.failed, "failed"),
    )
    told = ", ".join(f"{count:,} {what}" for count, what in counts if count) or "none"
    return f"{told}; {sync.passages:,} passages, index version {run.index_version}"


def failure(attempt: RecordedAttempt) -> str:
    """What a provider said, or the name of the error where its text is gone."""
    return attempt.error or attempt.error_type


def decisions(run: RunDetail) -> tuple[RunPart, ...]:
    """What people and rules said of the proposals that came of the run."""
    return tuple(
        RunPart(
            f"{said.proposal[:12]} {said.action} {said.decision} by "
            + (said.principal if said.decided_by == "person" else f"rule {said.rule}")
            + (f": {said.reason}" if said.reason else "")
        )
        for said in run.decisions
    )


def ratings(run: RunDetail) -> tuple[RunPart, ...]:
    """What people thought of the run, and what should have been said."""
    return tuple(
        RunPart(
            f"{given.rating}, {given.principal}"
            + (f" [{', '.join(given.tags)}]" if given.tags else "")
            + (f": {given.comment}" if given.comment else ""),
            (given.correction,) if given.correction else (),
        )
        for given in run.feedback
    )
