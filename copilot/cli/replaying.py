"""Makes a recorded run again for ``copilot runs replay``, and shows what is different.

Invariant: what is asked again is recorded as a run of its own, of the kind ``replay``; nothing is
added to any conversation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from copilot import __version__
from copilot.answering.replaying import (
    Comparison,
    Outcome,
    PlacedHit,
    Plan,
    compare,
    now_of,
    plan,
    then_of,
    told,
)
from copilot.answering.turn import AskParts, ask
from copilot.bootstrap import Copilot, new_id
from copilot.cli import console
from copilot.cli.searching import PAGE
from copilot.config.schema import Settings
from copilot.errors import KnowledgeIndexError
from copilot.events import (
    AskedWith,
    Event,
    ModelChosen,
    RetrievalFinished,
    RunFinished,
    Warned,
)
from copilot.guard.terminal import clean, clean_line
from copilot.inputs import AnswerInputs, Inputs
from copilot.knowledge.search import Searcher, SearchRequest
from copilot.ledger.feedback import rated_run
from copilot.ledger.recording import Found, record, record_search
from copilot.messages import Status
from copilot.places import display_path
from copilot.prompting import of_then
from copilot.runs import RunDetail

_LABEL_WIDTH = 10
_HITS_SHOWN = 10
_SETTINGS = {
    "max_words": "answer.max_words",
    "abstain_below": "answer.abstain_below",
    "max_output_tokens": "models.max_output_tokens",
    "temperature": "models.temperature",
}


def chosen(copilot: Copilot, run: str) -> RunDetail:
    """The run that is meant; without a name the last one that was asked."""
    reader = copilot.run_reader
    return reader.run(console.typed(run) or rated_run(reader, "").id)


async def replay(copilot: Copilot, run: RunDetail, *, now: bool) -> tuple[Plan, Comparison]:
    """Make ``run`` again. Raises what ``plan`` raises, and KnowledgeIndexError."""
    who = copilot.where.principal
    model = copilot.settings.models.answer
    planned = plan(run, copilot.index, who=who, now=now, program=__version__, model=model)
    if now and run.inputs is not None and run.inputs.settings is not None:
        changed = _changed(run.inputs.settings, copilot.made_with)
        planned = replace(planned, notes=(*planned.notes, *changed))
    if planned.settings is not None and planned.settings.model:
        copilot, planned = _with_prompts(copilot, planned, run)
    try:
        outcome = _searched(copilot, planned) if planned.search else await _asked(copilot, planned)
    except KnowledgeIndexError as error:
        raise error if now else told(error, run) from error
    return planned, compare(then_of(run), outcome)


def _with_prompts(copilot: Copilot, planned: Plan, run: RunDetail) -> tuple[Copilot, Plan]:
    """With the prompts of then, where their text is kept and they take what is put in now."""
    given, missing = [], []
    for used in run.prompts:
        name = f"{used.version.id} {used.version.version}"
        now = copilot.prompts.get(used.version.id)
        if now.digest == used.version.digest:
            continue
        then = of_then(used.version, used.body) if used.body is not None else None
        if then is None:
            missing.append(f"the text of prompt {name} isn't kept: {now.version} is used")
        elif set(then.inputs) != set(now.inputs):
            missing.append(f"prompt {name} takes other inputs: {now.version} is used")
        else:
            given.append(then)
    notes = (*planned.notes, *missing)
    return replace(copilot, given_prompts=tuple(given)), replace(planned, notes=notes)


def _changed(then: AnswerInputs, now: AnswerInputs) -> list[str]:
    """The settings that decided the answer and are others by now; the model is shown anyway."""
    written = bool(then.model and now.model)
    return [
        f"{setting} was {_value(getattr(then, name))} and is {_value(getattr(now, name))}"
        for name, setting in _SETTINGS.items()
        if getattr(then, name) != getattr(now, name)
        and (written or not setting.startswith("models."))
    ]


def _value(value: object) -> str:
    return "the default" if value is None else str(value)


async def _asked(copilot: Copilot, planned: Plan) -> Outcome:
    parts = _parts(copilot, planned)
    events: list[Event] = []
    async for event in record(ask(planned.question, parts), copilot.run_writer):
        _tell(event)
        events.append(event)
    return now_of(events)


def _tell(event: Event) -> None:
    """That a model is asked, before it is, and what went wrong."""
    match event:
        case ModelChosen(model, reason) if model != "quoting":
            console.err(clean_line(f"copilot: asks {model} again ({reason})"))
        case Warned(message, hint):
            console.err(clean_line(f"copilot: {message}" + (f" ({hint})" if hint else "")))
        case _:
            pass


def _searched(copilot: Copilot, planned: Plan) -> Outcome:
    question, searcher, run_id = planned.question, _searcher(copilot, planned), new_id()
    limit = planned.limit or copilot.settings.search.limit
    request = SearchRequest(question.text, question.history, question.where, limit, PAGE)
    with record_search(
        copilot.run_writer,
        query=question.text,
        principal=question.where.principal,
        clock=copilot.clock,
        new_id=lambda: run_id,
        asked=AskedWith(Inputs(question.where, limit, program=__version__), question.history),
        kind="replay",
    ) as run:
        result = searcher.search(request)
        run.found = Found(
            queries=result.queries,
            follow_up=result.follow_up,
            hits=result.hits,
            index_version=result.index_version,
            latency_ms=result.latency_ms,
        )
    if run.warning is not None:
        console.err(clean_line(f"copilot: {run.warning.message} ({run.warning.hint})"))
    found = RetrievalFinished(result.hits, result.index_version, result.latency_ms)
    return now_of([found, RunFinished(run_id, Status.ANSWERED, None, result.latency_ms)])


def _searcher(copilot: Copilot, planned: Plan) -> Searcher:
    if planned.index is None:
        return copilot.searcher
    return Searcher(planned.index, copilot.embedder)


def _parts(copilot: Copilot, planned: Plan) -> AskParts:
    """What the turn works with: the index and the settings of the plan."""
    then = copilot
    if planned.settings is not None:
        turns = len(planned.question.history)
        then = replace(copilot, settings=_settings(copilot.settings, planned.settings, turns))
    return AskParts(
        searcher=_searcher(copilot, planned),
        quoting=then.quoting,
        writing=then.writing,
        clock=copilot.clock,
        new_id=new_id,
        history_turns=then.settings.answer.history_turns,
        made_with=then.made_with,
    )


def _settings(settings: Settings, inputs: AnswerInputs, turns: int) -> Settings:
    """Those of now, but for what decided the answer then; as many ``turns`` are read."""
    answer = {
        "max_words": inputs.max_words,
        "abstain_below": inputs.abstain_below,
        "history_turns": turns,
    }
    models: dict[str, object] = {"answer": inputs.model}
    if inputs.model:
        models["max_output_tokens"] = inputs.max_output_tokens
        models["temperature"] = inputs.temperature
    return settings.model_copy(
        update={
            "answer": settings.answer.model_copy(update=answer),
            "models": settings.models.model_copy(update=models),
        }
    )


# --- showing ---------------------------------------------------------------------------


def replay_envelope(planned: Plan, found: Comparison, *, now: bool) -> dict[str, Any]:
    """The ``replay`` envelope; its keys are stable."""
    return {
        "kind": "replay",
        "run_id": found.then.run_id,
        "against": "now" if now else "then",
        "same": found.same,
        "same_hits": found.same_hits,
        "same_answer": found.same_answer,
        "then": found.then,
        "now": found.now,
        "difference": list(found.answer),
        "notes": list(planned.notes),
    }


def replay_lines(planned: Plan, found: Comparison, *, now: bool) -> Iterator[str]:
    """What ``runs replay`` prints."""
    then, again = found.then, found.now
    yield _labelled("run", then.run_id)
    yield _labelled("question", clean_line(planned.question.text))
    yield _labelled("index", _index(then, again, now=now))
    yield _labelled("model", _change(then.model, again.model))
    if then.prompt is not None or again.prompt is not None:
        prompts = [
            "none" if p is None else f"{p.id} {p.version}" for p in (then.prompt, again.prompt)
        ]
        changed = then.prompt != again.prompt and prompts[0] == prompts[1]
        yield _labelled("prompt", _change(*prompts) + (", its text has changed" if changed else ""))
    yield _labelled("status", _change(then.status, again.status))
    yield _labelled("hits", _told_hits(found))
    yield from (f"  {line}" for line in _hit_lines(found))
    if not planned.search:
        yield _labelled("answer", _told_answer(found))
        yield from (f"  {clean(line)}" for line in _in_words(found.answer))
    for note in planned.notes:
        yield _labelled("note", clean_line(note))


def _index(then: Outcome, again: Outcome, *, now: bool) -> str:
    if not now:
        return f"version {again.index_version}, as it was"
    if then.index_version == again.index_version:
        return f"version {again.index_version}, the latest"
    return f"version {then.index_version} then, {again.index_version} now"


def _change(then: str, now: str) -> str:
    return clean_line(then if then == now else f"{then or 'none'} → {now or 'none'}")


def _told_hits(found: Comparison) -> str:
    count = len(found.now.hits)
    if found.same_hits:
        return f"the same {count}, with the same scores" if count else "none, as before"
    parts = [
        f"{len(some)} {what}"
        for some, what in (
            (found.gone, "gone (-)"),
            (found.new, "new (+)"),
            (found.moved, "moved"),
        )
        if some
    ]
    return f"{', '.join(parts)}, of {len(found.then.hits)} then and {count} now"


def _hit_lines(found: Comparison) -> Iterator[str]:
    lines = [
        *((hit.rank, f"- {_place(hit)}") for hit in found.gone),
        *((hit.rank, f"+ {_place(hit)}") for hit in found.new),
        *(
            (hit.rank, f"  {_place(hit)}, was {before.rank}. ({_score(before)})")
            for before, hit in found.moved
        ),
    ]
    lines.sort(key=lambda one: one[0])
    yield from (line for _, line in lines[:_HITS_SHOWN])
    if len(lines) > _HITS_SHOWN:
        yield f"… and {len(lines) - _HITS_SHOWN} more; --json has them all"


def _place(hit: PlacedHit) -> str:
    return f"{hit.rank}. {clean_line(display_path(hit.path))} ({_score(hit)})"


def _score(hit: PlacedHit) -> str:
    return "-" if hit.score is None else f"{hit.score:.3f}"


def _in_words(difference: Sequence[str]) -> Iterator[str]:
    """A unified diff without its figures; dots where lines that are the same are left out."""
    for number, line in enumerate(difference):
        if not line.startswith("@@"):
            yield line
        elif number > 2:
            yield "…"


def _told_answer(found: Comparison) -> str:
    if found.then.answer is None and found.now.answer is not None:
        ended = found.then.status in ("answered", "degraded", "abstained")
        return "the one of then isn't kept" if ended else "then there was none"
    if found.same_answer:
        return "the same, to the byte"
    return "differs" if found.answer else "the same words, cited from elsewhere"


def _labelled(label: str, text: str) -> str:
    return f"{label:<{_LABEL_WIDTH}}{text}"
