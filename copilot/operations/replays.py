"""Makes recorded runs again, with the index and the settings of then or of now.

Invariant: what is asked again is recorded as a run of its own, of the kind ``replay``; nothing is
added to any conversation; closing the stream closes the model's call.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from copilot import __version__
from copilot.adapters.system import new_id
from copilot.answering.replaying import Plan, compare, now_of, plan, then_of, told
from copilot.answering.turn import AskParts, ask
from copilot.bootstrap import Copilot
from copilot.config.schema import Settings
from copilot.errors import KnowledgeIndexError
from copilot.events import AskedWith, Event, RetrievalFinished, RunFinished
from copilot.inputs import AnswerInputs, Inputs
from copilot.knowledge.ranking import PAGE
from copilot.knowledge.search import Searcher, SearchRequest
from copilot.ledger.feedback import rated_run
from copilot.ledger.recording import Found, record, record_search
from copilot.messages import Status
from copilot.prompting import of_then
from copilot.reruns import Replayed
from copilot.runs import RunDetail

_SETTINGS = {
    "max_words": "answer.max_words",
    "abstain_below": "answer.abstain_below",
    "max_output_tokens": "models.max_output_tokens",
    "temperature": "models.temperature",
}


def chosen(copilot: Copilot, run: str) -> RunDetail:
    """The run that is meant; without a name the last one that was asked."""
    reader = copilot.run_reader
    return reader.run(run or rated_run(reader, "").id)


async def replay(
    copilot: Copilot, run: RunDetail, *, today: bool
) -> AsyncGenerator[Event | Replayed]:
    """Make ``run`` again: what happens, and last how it differs.

    Raises what ``plan`` raises, and KnowledgeIndexError.
    """
    copilot, planned = await asyncio.to_thread(_planned, copilot, run, today=today)
    steps = _searched(copilot, planned) if planned.search else _asked(copilot, planned)
    events: list[Event] = []
    try:
        async with aclosing(steps):
            async for event in steps:
                events.append(event)
                yield event
    except KnowledgeIndexError as error:
        raise error if today else told(error, run) from error
    compared = compare(then_of(run), now_of(events))
    asked = planned.question.text
    yield Replayed(asked, today, planned.search, planned.notes, compared)


def _planned(copilot: Copilot, run: RunDetail, *, today: bool) -> tuple[Copilot, Plan]:
    """How it is made again, and with what."""
    who = copilot.where.principal
    model = copilot.answers_first
    planned = plan(run, copilot.index, who=who, now=today, program=__version__, model=model)
    if today and run.inputs is not None:
        changed = _changed(run.inputs, copilot)
        planned = replace(planned, notes=(*planned.notes, *changed))
    if planned.settings is not None and planned.settings.model:
        copilot, planned = _with_prompts(copilot, planned, run)
    return copilot, planned


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


def _changed(inputs: Inputs, copilot: Copilot) -> list[str]:
    """The settings that decided the run and are others by now; the model is shown anyway."""
    found, then, now = [], inputs.settings, copilot.made_with
    search, passages = copilot.settings.search.retrieval, copilot.settings.answer.passages
    if inputs.retrieval is not None and inputs.retrieval != search:
        found.append("the settings of the search ([search]) are others by now")
    if then is None:
        return found
    if inputs.limit != passages:
        found.append(f"answer.passages was {inputs.limit} and is {passages}")
    written = bool(then.model and now.model)
    return found + [
        f"{setting} was {_value(getattr(then, name))} and is {_value(getattr(now, name))}"
        for name, setting in _SETTINGS.items()
        if getattr(then, name) != getattr(now, name)
        and (written or not setting.startswith("models."))
    ]


def _value(value: object) -> str:
    return "the default" if value is None else str(value)


async def _asked(copilot: Copilot, planned: Plan) -> AsyncGenerator[Event]:
    parts = await asyncio.to_thread(_parts, copilot, planned)
    async with aclosing(record(ask(planned.question, parts), copilot.run_writer)) as events:
        async for event in events:
            yield event


async def _searched(copilot: Copilot, planned: Plan) -> AsyncGenerator[Event]:
    question, run_id = planned.question, new_id()
    limit = planned.limit or copilot.settings.search.limit
    how = planned.retrieval or copilot.settings.search.retrieval
    request = SearchRequest(
        question.text, question.history, question.where, limit, PAGE, retrieval=how
    )
    inputs = Inputs(question.where, limit, program=__version__, retrieval=how)
    with record_search(
        copilot.run_writer,
        query=question.text,
        principal=question.where.principal,
        clock=copilot.clock,
        new_id=lambda: run_id,
        asked=AskedWith(inputs, question.history),
        kind="replay",
        release=copilot.release,
    ) as run:
        result = await asyncio.to_thread(lambda: _searcher(copilot, planned).search(request))
        run.found = Found(
            queries=result.queries,
            follow_up=result.follow_up,
            hits=result.hits,
            index_version=result.index_version,
            latency_ms=result.latency_ms,
        )
    if run.warning is not None:
        yield run.warning
    yield RetrievalFinished(result.hits, result.index_version, result.latency_ms)
    yield RunFinished(run_id, Status.ANSWERED, None, result.latency_ms)


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
        release=then.release,
        passages=planned.limit or then.settings.answer.passages,
        retrieval=planned.retrieval or then.settings.search.retrieval,
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
