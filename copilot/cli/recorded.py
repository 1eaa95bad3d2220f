"""How recorded runs look: one line each, or everything about one.

Invariant: whatever a document, a person or a model wrote passes ``guard.terminal``; a text
that isn't kept is said to be missing, never shown as empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from copilot.cli.tables import shortened, table
from copilot.guard.terminal import clean, clean_line
from copilot.places import describe, display_path
from copilot.quantities import duration, money
from copilot.runs import (
    RecordedCitation,
    RecordedDecision,
    RecordedFeedback,
    RecordedHit,
    RunDetail,
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


def explain(run: RunDetail) -> Iterator[str]:
    """The lines of ``runs show``."""
    yield from _head(run)
    if run.answer is not None:
        yield from _section("Answer")
        yield from (f"  {line}" for line in clean(run.answer).splitlines())
    elif run.summary.status in ("answered", "degraded", "abstained") and _makes_an_answer(run):
        yield from _section("Answer")
        yield f"  {NOT_KEPT}"
    if run.verdicts:
        yield from _section("Sentences, as they were checked")
        for number, verdict in enumerate(run.verdicts, start=1):
            cited = "".join(f"[{n}]" for n in verdict.citations) or "no citation"
            reason = f": {_text(verdict.reason)}" if verdict.reason else ""
            yield f"  {number}. {verdict.support}, {verdict.action}, {cited}{clean_line(reason)}"
            yield f"     {_glimpse(verdict.sentence)}"
    if run.citations:
        yield from _section("Citations")
        for citation in run.citations:
            yield from _citation(citation, run.hits)
    for read in run.extractions:
        yield from _section(f"Record: {clean_line(read.schema)}, {read.outcome}")
        yield f"  {_text(read.record)}"
        if read.failed_fields:
            yield f"  at fault: {clean_line(', '.join(read.failed_fields))}"
    if run.hits:
        yield from _section(f"Hits ({len(run.hits)}, index version {run.index_version})")
        shown = [hit for hit in run.hits if hit.rank <= _HITS_SHOWN or hit.kept]
        yield from (f"  {line}" for line in _hits(shown))
        if len(run.hits) > len(shown):
            yield f"  … and {len(run.hits) - len(shown)} more; --json has them all"
    if run.attempts:
        yield from _section("Requests to models")
        for attempt in run.attempts:
            about = "about " if attempt.estimated else ""
            spent = f"{about}{attempt.input_tokens} + {attempt.output_tokens} tokens"
            cost, took = money(attempt.cost_microusd), duration(attempt.latency_ms)
            failure = attempt.error or attempt.error_type
            why = f": {clean_line(failure)}" if failure else ""
            asked = "" if attempt.operation == "chat" else f" ({attempt.operation})"
            said = f"{attempt.outcome}, {took}, {spent}, {cost}{why}"
            yield f"  {clean_line(attempt.model)}{asked} {said}"
    if run.warnings:
        yield from _section("Warnings and notes")
        for warning in run.warnings:
            hint = f" ({clean_line(warning.hint)})" if warning.hint else ""
            yield f"  {_text(warning.message)}{hint}"
    yield from _said_of(run)


def _head(run: RunDetail) -> Iterator[str]:
    summary = run.summary
    yield _labelled("run", summary.id)
    yield _labelled("status", f"{summary.status} ({summary.kind})")
    yield _labelled("when", f"{summary.started_at.astimezone():%Y-%m-%d %H:%M:%S %Z}")
    yield _labelled("who", clean_line(summary.principal))
    if summary.conversation:
        yield _labelled("in", clean_line(summary.conversation))
    asked = {"index": "paths", "extract": "read"}.get(summary.kind, "question")
    yield _labelled(asked, _text(summary.question))
    for query in run.queries:
        if query != summary.question or query is None:
            kind = "follow-up" if run.follow_up else "searched"
            yield _labelled(kind, _text(query))
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
        sync = run.sync
        counts = (
            (sync.added, "added"),
            (sync.updated, "updated"),
            (sync.removed, "removed"),
            (sync.unchanged, "unchanged"),
            (sync.skipped, "skipped"),
            (sync.failed, "failed"),
        )
        told = ", ".join(f"{count:,} {what}" for count, what in counts if count) or "none"
        passages = f"{sync.passages:,} passages, index version {run.index_version}"
        yield _labelled("documents", f"{told}; {passages}")
    if run.error_type:
        message = f": {_text(run.error)}" if run.error else ""
        yield _labelled("error", f"{clean_line(run.error_type)}{message}")


def _makes_an_answer(run: RunDetail) -> bool:
    return run.summary.kind == "ask" or (run.inputs is not None and run.inputs.settings is not None)


def _has_first(run: RunDetail) -> bool:
    return run.summary.first_token_ms is not None


def _hits(hits: Sequence[RecordedHit]) -> Iterator[str]:
    names = [
        name for name in ("dense", "sentence", "lexical") if any(name in hit.scores for hit in hits)
    ]
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
            yield f"    {'kept' if hit.kept else 'dropped'}: {clean_line(hit.reason)}"


def _citation(citation: RecordedCitation, hits: Sequence[RecordedHit]) -> Iterator[str]:
    rank = next((hit.rank for hit in hits if hit.passage_id == citation.passage_id), None)
    ranked = f", rank {rank}" if rank is not None else ""
    place = f"{display_path(citation.path)}, {describe(citation.locator)}"
    yield f"  [{citation.n}] {clean_line(place)}{ranked}"
    yield (
        f"      “{_glimpse(citation.quote)}”" if citation.quote is not None else f"      {NOT_KEPT}"
    )


def _said_of(run: RunDetail) -> Iterator[str]:
    if run.decisions:
        yield from _section("Decisions on what was to be written")
        yield from (_decision(one) for one in run.decisions)
    if run.feedback:
        yield from _section("Feedback")
        for given in run.feedback:
            yield from _feedback(given)


def _decision(said: RecordedDecision) -> str:
    who = said.principal if said.decided_by == "person" else f"rule {said.rule}"
    reason = f": {said.reason}" if said.reason else ""
    what = f"{said.proposal[:12]} {said.action} {said.decision} by {who}{reason}"
    return f"  {clean_line(what)}"


def _feedback(given: RecordedFeedback) -> Iterator[str]:
    tags = f" [{', '.join(given.tags)}]" if given.tags else ""
    comment = f": {clean_line(given.comment)}" if given.comment else ""
    yield f"  {given.rating}, {clean_line(given.principal)}{tags}{comment}"
    if given.correction:
        yield "    should have been:"
        yield from (f"    {line}" for line in clean(given.correction).splitlines())


def _section(title: str) -> tuple[str, str]:
    return "", title


def _labelled(label: str, text: str) -> str:
    return f"{label:<{_LABEL_WIDTH}}{text}"


def _glimpse(text: str | None) -> str:
    """The beginning of a text that stands above in full."""
    return shortened(_text(text), _GLIMPSE_WIDTH)


def _text(text: str | None) -> str:
    return NOT_KEPT if text is None else clean_line(text)
