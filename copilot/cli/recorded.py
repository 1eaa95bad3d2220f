"""How recorded runs look: one line each, or everything about one.

Invariant: whatever a document, a person or a model wrote passes ``guard.terminal``; a text
that isn't kept is said to be missing, never shown as empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from copilot.cli.tables import shortened, table
from copilot.guard.terminal import clean, clean_line
from copilot.ledger import explaining
from copilot.places import describe, display_path
from copilot.quantities import duration, money
from copilot.runs import (
    ExplainedRun,
    RecordedAttempt,
    RecordedHit,
    RunDetail,
    RunPart,
    RunStep,
    RunSummary,
)

NOT_KEPT = "(not kept)"
# A UUID version 7 begins with its time in milliseconds: so much tells most runs apart.
SHORT_ID = 13
_LABEL_WIDTH = 12
_HITS_SHOWN = 10
_GLIMPSE_WIDTH = 150
_PLACE_WIDTH = 30


def run_lines(runs: Sequence[RunSummary]) -> list[str]:
    """A table of runs, the kind only where they differ in it."""
    kinds = {run.kind for run in runs} != {"ask"}
    rows = [
        [
            run.id[:SHORT_ID],
            f"{run.started_at.astimezone():%m-%d %H:%M}",
            *([run.kind] if kinds else []),
            run.status,
            duration(run.latency_ms),
            NOT_KEPT if run.question is None else run.question,
        ]
        for run in runs
    ]
    header = ["run", "when", *(["kind"] if kinds else []), "status", "took", "question"]
    return table(header, rows, right={"took"})


def explain(told: ExplainedRun) -> Iterator[str]:
    """The lines of ``runs show``."""
    run = told.run
    yield from _head(run)
    if run.answer is not None or explaining.missing_answer(run):
        yield from _section("Answer")
        answer = NOT_KEPT if run.answer is None else clean(run.answer)
        yield from (f"  {line}" for line in answer.splitlines())
    yield from _parts("Sentences, as they were checked", explaining.sentences(run))
    yield from _parts("Citations", explaining.citations(run), quoted=True)
    for read in explaining.records(run):
        yield from _parts(f"Record: {clean_line(read.head)}", [], texts=read.texts)
    if run.hits:
        yield from _section(f"Hits ({len(run.hits)}, index version {run.index_version})")
        shown = [hit for hit in run.hits if hit.rank <= _HITS_SHOWN or hit.kept]
        yield from (f"  {line}" for line in _hits(shown))
        if len(run.hits) > len(shown):
            yield f"  … and {len(run.hits) - len(shown)} more; --json has them all"
    if run.attempts:
        yield from _section("Requests to models")
        yield from (_request(attempt) for attempt in run.attempts)
    if run.warnings:
        yield from _section("Warnings and notes")
        for warning in run.warnings:
            hint = f" ({clean_line(warning.hint)})" if warning.hint else ""
            yield f"  {_text(warning.message)}{hint}"
    yield from _parts("Decisions on what was to be written", explaining.decisions(run))
    for number, given in enumerate(explaining.ratings(run)):
        yield from _section("Feedback") if not number else ()
        yield f"  {clean_line(given.head)}"
        for correction in given.texts:
            yield "    should have been:"
            yield from (f"    {line}" for line in clean(correction or "").splitlines())
    if told.steps:
        yield from _section("Steps")
        yield from (f"  {line}" for line in _steps(told.steps))


def _steps(steps: Sequence[RunStep]) -> list[str]:
    """When each step began, how long it took, and what it came to."""
    rows = [
        [
            "-" if step.start_ms is None else duration(step.start_ms),
            duration(step.took_ms),
            step.title,
            NOT_KEPT if step.told is None else step.told,
        ]
        for step in steps
    ]
    header = ["at", "took", "step", "what"]
    lines = table(header, rows, right={"at", "took"}, margin=2)
    return [part for line in lines for part in line.split("\n")]


def _parts(
    title: str, parts: Sequence[RunPart], *, texts: Sequence[str | None] = (), quoted: bool = False
) -> Iterator[str]:
    """What there is to read, the texts in a glimpse below their line."""
    if parts or texts:
        yield from _section(title)
    yield from (f"  {_text(text)}" for text in texts)
    for part in parts:
        yield f"  {clean_line(part.head)}"
        for text in part.texts:
            marks = ("“", "”") if quoted and text is not None else ("", "")
            yield f"{' ' * (6 if quoted else 5)}{marks[0]}{_glimpse(text)}{marks[1]}"


def _request(attempt: RecordedAttempt) -> str:
    about = "about " if attempt.estimated else ""
    saved = f" ({attempt.saved_tokens} saved)" if attempt.saved_tokens else ""
    spent = f"{about}{attempt.input_tokens} + {attempt.output_tokens} tokens{saved}"
    cost, took = money(attempt.cost_microusd), duration(attempt.latency_ms)
    failure = explaining.failure(attempt)
    why = f": {clean_line(failure)}" if failure else ""
    asked = "" if attempt.operation == "chat" else f" ({attempt.operation})"
    return f"  {clean_line(attempt.model)}{asked} {attempt.outcome}, {took}, {spent}, {cost}{why}"


def _head(run: RunDetail) -> Iterator[str]:
    summary = run.summary
    yield _labelled("run", summary.id)
    yield _labelled("status", f"{summary.status} ({summary.kind})")
    yield _labelled("when", f"{summary.started_at.astimezone():%Y-%m-%d %H:%M:%S %Z}")
    yield _labelled("who", clean_line(summary.principal))
    if summary.conversation:
        yield _labelled("in", clean_line(summary.conversation))
    yield _labelled(explaining.asked_as(run).lower(), _text(summary.question))
    for query in run.queries:
        if query != summary.question or query is None:
            kind = "follow-up" if run.follow_up else "searched"
            yield _labelled(kind, _text(query))
    if summary.release:
        yield _labelled("release", clean_line(summary.release))
    if summary.model:
        reason = f" ({clean_line(run.model_reason)})" if run.model_reason else ""
        yield _labelled("model", f"{clean_line(summary.model)}{reason}")
    if run.prompt is not None:
        prompt = run.prompt
        yield _labelled("prompt", f"{prompt.id} {prompt.version} ({prompt.digest[:12]})")
    took = duration(summary.latency_ms)
    first = f", first text after {duration(summary.first_token_ms)}" if _has_first(run) else ""
    found = f", search {duration(run.retrieval_ms)}" if run.retrieval_ms is not None else ""
    yield _labelled("took", f"{took}{first}{found}")
    tokens = f"{summary.input_tokens} in, {summary.output_tokens} out"
    unknown = summary.cost_microusd is None
    cost = "price unknown (models.prices)" if unknown else money(summary.cost_microusd)
    yield _labelled("tokens", f"{tokens}; {cost}")
    if run.sync is not None:
        yield _labelled("documents", explaining.synced(run))
    if run.error_type:
        message = f": {_text(run.error)}" if run.error else ""
        yield _labelled("error", f"{clean_line(run.error_type)}{message}")


def _has_first(run: RunDetail) -> bool:
    return run.summary.first_token_ms is not None


def _hits(hits: Sequence[RecordedHit]) -> Iterator[str]:
    names = [name for name in explaining.SCORES if any(name in hit.scores for hit in hits)]
    rows = [
        [
            str(hit.rank),
            "-" if hit.score is None else f"{hit.score:.3f}",
            *(f"{hit.scores[name]:.3f}" if name in hit.scores else "-" for name in names),
            f"{display_path(hit.path)}, {describe(hit.locator)}",
        ]
        for hit in hits
    ]
    # Of a place the file's name and the lines say most.
    header, right = ["", "score", *names, "passage"], {"", "score", *names}
    lines = table(header, rows, right=right, margin=2, keep="last", least=_PLACE_WIDTH)
    yield lines[0].partition("\n")[0]
    for hit, line in zip(hits, lines[1:], strict=True):
        yield from line.split("\n")
        if hit.reason:
            yield f"    {clean_line(explaining.fate(hit))}"


def _section(title: str) -> tuple[str, str]:
    return "", title


def _labelled(label: str, text: str) -> str:
    return f"{label:<{_LABEL_WIDTH}}{text}"


def _glimpse(text: str | None) -> str:
    """The beginning of a text that stands above in full."""
    return shortened(_text(text), _GLIMPSE_WIDTH)


def _text(text: str | None) -> str:
    return NOT_KEPT if text is None else clean_line(text)
