"""Answers calls about records."""

from __future__ import annotations

from collections.abc import Mapping

from copilot.bootstrap import Copilot
from copilot.calls import (
    Call,
    CheckRecord,
    DescribeSchema,
    ListSchemas,
    RecordChecked,
    SchemaCard,
    SchemaDescribed,
    Schemas,
)
from copilot.errors import CopilotError
from copilot.extractors import Extractors
from copilot.schemas import Schema
from copilot.serving.handling.core import Handler, blocking


def _schemas(copilot: Copilot, call: ListSchemas) -> Schemas:
    extractors = Extractors(copilot)
    cards = tuple(_card(name, extractors.schema(name)) for name in extractors.shipped)
    last = _last_read(copilot)
    return Schemas(cards, last=last if last in extractors.shipped else "")


def _last_read(copilot: Copilot) -> str:
    """What the latest extraction in the ledger was of; empty where it doesn't tell."""
    from copilot.runs import RunFilter

    try:
        with copilot.run_reader.at_once() as reader:
            latest = reader.runs(RunFilter(kind="extract"), limit=1)
    except CopilotError:
        return ""
    return (latest[0].question or "").partition(" from ")[0] if latest else ""


def _described(copilot: Copilot, call: DescribeSchema) -> SchemaDescribed:
    return SchemaDescribed(_card(call.asked, Extractors(copilot).schema(call.asked)))


def _card(asked: str, schema: Schema) -> SchemaCard:
    return SchemaCard(asked, schema.name, schema.fields, schema.description, schema.many)


def _checked(copilot: Copilot, call: CheckRecord) -> RecordChecked:
    return RecordChecked(Extractors(copilot).schema(call.schema).check(call.record))


HANDLERS: Mapping[type[Call], Handler] = {
    ListSchemas: blocking(_schemas),
    DescribeSchema: blocking(_described),
    CheckRecord: blocking(_checked),
}
