"""Answers calls about records.

Invariant: a text is read, and its records are extracted, recorded and proposed, the way that
``copilot extract`` does it; who leaves a proposal that is being sent doesn't cut it off.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing, suppress
from dataclasses import replace
from pathlib import Path
from weakref import WeakKeyDictionary

from copilot.bootstrap import Copilot
from copilot.calls import Call, Reply
from copilot.calls import extracting as ours
from copilot.errors import CopilotError, NotFoundError, UsageError
from copilot.events import Event, RunStarted, UsageReported
from copilot.extracted import SourceText
from copilot.extraction.items import Item, items_of_bytes, items_of_file
from copilot.messages import Usage
from copilot.operations.extractors import Extractors
from copilot.proposals import Proposal, Standing
from copilot.schemas import Schema
from copilot.serving.handling.asking import halt
from copilot.serving.handling.core import Core, Handler, blocking

PASTED = "pasted text"
_LISTED = 500
_BEGINS = 100

# What reads is loaded once, and again when another configuration is in force.
_built: WeakKeyDictionary[Core, tuple[Copilot, Extractors]] = WeakKeyDictionary()


def _extractors(core: Core) -> Extractors:
    copilot = core.ready()
    known = _built.get(core)
    if known is None or known[0] is not copilot:
        known = _built[core] = (copilot, Extractors(copilot))
    return known[1]


# --- schemas ------------------------------------------------------------------------------


def _schemas(copilot: Copilot, call: ours.ListSchemas) -> ours.Schemas:
    extractors = Extractors(copilot)
    cards = tuple(_card(name, extractors.schema(name)) for name in extractors.shipped)
    last = _last_read(copilot)
    return ours.Schemas(cards, last=last if last in extractors.shipped else "")


def _last_read(copilot: Copilot) -> str:
    """What the latest extraction in the ledger was of; empty where it doesn't tell."""
    from copilot.runs import RunFilter

    try:
        with copilot.run_reader.at_once() as reader:
            latest = reader.runs(RunFilter(kind="extract"), limit=1)
    except CopilotError:
        return ""
    return (latest[0].question or "").partition(" from ")[0] if latest else ""


def _described(copilot: Copilot, call: ours.DescribeSchema) -> ours.SchemaDescribed:
    return ours.SchemaDescribed(_card(call.asked, Extractors(copilot).schema(call.asked)))


def _card(asked: str, schema: Schema) -> ours.SchemaCard:
    return ours.SchemaCard(asked, schema.name, schema.fields, schema.description, schema.many)


def _checked(copilot: Copilot, call: ours.CheckRecord) -> ours.RecordChecked:
    return ours.RecordChecked(Extractors(copilot).schema(call.schema).check(call.record))


# --- texts --------------------------------------------------------------------------------


def _texts(copilot: Copilot, call: ours.ListTexts) -> ours.Texts:
    found: list[ours.TextThere] = []
    total = 0
    for total, item in enumerate(_items(Extractors(copilot), call.path, call.text), start=1):
        if len(found) < _LISTED:
            found.append(_there(total, item))
    return ours.Texts(tuple(found), total)


def _there(number: int, item: Item) -> ours.TextThere:
    if not isinstance(item.text, SourceText):
        return ours.TextThere(number, item.name, problem=item.text.message)
    words = " ".join(item.text.text[: 8 * _BEGINS].split())
    return ours.TextThere(number, item.name, begins=words[:_BEGINS])


def _read(copilot: Copilot, call: ours.ReadText) -> ours.TextRead:
    return ours.TextRead(_text(Extractors(copilot), call))


def _text(extractors: Extractors, call: ours.ReadText | ours.Extract) -> SourceText:
    """The text that is meant. Raises what is wrong with it."""
    items = _items(extractors, call.path, call.text)
    item = next((one for at, one in enumerate(items, start=1) if at == call.number), None)
    if item is None:
        where = call.path or PASTED
        raise NotFoundError(
            f"{where} holds no text number {call.number}", hint="Open it anew: it has changed."
        )
    if not isinstance(item.text, SourceText):
        raise item.text
    return item.text


def _items(extractors: Extractors, path: str, text: str) -> Iterator[Item]:
    from copilot.knowledge.typed_paths import absolute

    if path:
        found = items_of_file(Path(absolute(path)), extractors.readers)
    elif text.strip():
        found = items_of_bytes(text.encode("utf-8", "replace"), PASTED, extractors.readers)
    else:
        raise UsageError("there is no text", hint="Paste one, or open a file.")
    return (one for one in found if one is not None)


# --- records ------------------------------------------------------------------------------


async def _extract(core: Core, call: ours.Extract) -> AsyncGenerator[Event | Reply]:
    from copilot.extraction.extracting import extract
    from copilot.ledger.recording import record

    extractors = await asyncio.to_thread(_extractors, core)
    schema = await asyncio.to_thread(extractors.schema, call.schema)
    source = await asyncio.to_thread(_text, extractors, call)
    parts = await asyncio.to_thread(extractors.parts)
    if call.rules:
        parts = replace(parts, model=None)
    writer = core.ready().run_writer
    run_id, usage = "", Usage(model="rules")
    async with aclosing(record(extract(source, schema, parts), writer)) as events:
        async for event in events:
            match event:
                case RunStarted():
                    run_id = event.run_id
                case UsageReported():
                    usage = event.usage
                case _:
                    pass
            yield event
            if isinstance(event, RunStarted):
                for warning in core.told():
                    yield warning
    if parts.model is not None:
        asyncio.get_running_loop().run_in_executor(None, halt, core, core.ready())
    yield ours.Extracted(source, run_id, usage)


def _corrected(copilot: Copilot, call: ours.CorrectRecord) -> ours.RecordCorrected:
    from copilot.extraction.correcting import corrected

    schema = Extractors(copilot).schema(call.schema)
    return ours.RecordCorrected(corrected(call.record, call.values, call.source, schema))


def _saved(copilot: Copilot, call: ours.SaveRecords) -> ours.RecordsSaved:
    from copilot.answering.conversations import write_out
    from copilot.codec import to_plain
    from copilot.extraction.envelopes import record_envelope

    count = len(call.records)
    lines = [
        record_envelope(one, call.source, run_id=call.run_id, usage=call.usage, records=count)
        for one in call.records
    ]
    text = "".join(f"{json.dumps(to_plain(one), ensure_ascii=False)}\n" for one in lines)
    path = Path(call.path).expanduser().absolute()
    return ours.RecordsSaved(str(path), write_out(path, text, replace=call.replace))


# --- proposals ----------------------------------------------------------------------------


def _sinks(copilot: Copilot, call: ours.ListSinks) -> ours.SinksTaking:
    from copilot.delivery import DESK

    delivery, found = copilot.delivery, []
    for name in sorted(delivery.sink_names, key=lambda one: (one != DESK, one)):
        try:
            takes = delivery.sink(name).kind_for(call.schema) is not None
        except CopilotError:
            takes = True  # who chooses it is told what is wrong with it
        if takes:
            found.append(name)
    return ours.SinksTaking(tuple(found))


async def _propose(core: Core, call: ours.ProposeRecord) -> AsyncGenerator[Event | Reply]:
    proposing = asyncio.ensure_future(_proposed(core, call))
    try:
        yield await asyncio.shield(proposing)
    finally:
        with suppress(CopilotError):
            await proposing


async def _proposed(core: Core, call: ours.ProposeRecord) -> ours.RecordProposed:
    copilot = await asyncio.to_thread(core.ready)
    warnings: list[str] = []
    handover = await asyncio.to_thread(copilot.delivery.handover, warnings.append)
    meant = {call.ordinal}
    try:
        if call.dry_run:
            found = await handover.preview(call.records, call.source, call.sink, only=meant)
            for one, verdict in found:
                told = _told(one)
                rule = verdict.reason or verdict.rule
                told = replace(told, ruling=verdict.ruling, rule=rule)
                return replace(told, warnings=tuple(warnings))
        standings = await handover.hand_over(
            call.records, call.source, call.sink, run_id=call.run_id, only=meant
        )
        for standing in standings:
            return replace(_told(standing), warnings=tuple(warnings))
    finally:
        await asyncio.to_thread(handover.close)
    raise UsageError("there is no such record", hint="Extract it anew.")


def _told(one: Proposal | Standing) -> ours.RecordProposed:
    from copilot.actions.telling import warnings_of, what_of

    standing = one if isinstance(one, Standing) else None
    proposal = one.proposal if isinstance(one, Standing) else one
    return ours.RecordProposed(
        standing=standing,
        would=None if standing is not None else proposal,
        what=what_of(proposal),
        against=tuple(warnings_of(proposal)),
    )


HANDLERS: Mapping[type[Call], Handler] = {
    ours.ListSchemas: blocking(_schemas),
    ours.DescribeSchema: blocking(_described),
    ours.CheckRecord: blocking(_checked),
    ours.ListTexts: blocking(_texts),
    ours.ReadText: blocking(_read),
    ours.Extract: _extract,
    ours.CorrectRecord: blocking(_corrected),
    ours.ListSinks: blocking(_sinks),
    ours.ProposeRecord: _propose,
    ours.SaveRecords: blocking(_saved),
}
