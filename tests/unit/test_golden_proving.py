"""A model that answers with the golden records is believed; one that gives other texts' is not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from typing import Any

from copilot.adapters.parsing.dates import DateParserWords
from copilot.adapters.parsing.phones import LibPhoneNumbers
from copilot.extracted import Json
from copilot.extraction.finding.finding import Parsers
from copilot.extraction.modelled import finder
from copilot.extraction.modelled.kinds import ValueKind, kind_of
from copilot.extraction.modelled.proving import Prover
from copilot.extraction.modelled.verdicts import Proven
from copilot.schemas import FieldSpec
from tests.bench.extraction import SCHEMAS, Row, golden_rows, schema_at
from tests.bench.scoring_records import plain

# What any words may tell: the quote of such a value needn't name it.
_TOLD = (ValueKind.CHOICE, ValueKind.TRUTH)


def developed() -> list[Row]:
    return [row for row in golden_rows() if row.developed]


def stated() -> Iterator[tuple[Row, FieldSpec, Any, str]]:
    """Each value of the golden records, with its quote."""
    for row in developed():
        for record in row.records:
            for spec in schema_at(SCHEMAS / f"{row.schema}.json").fields:
                field = record.get(spec.name.removesuffix("[]")) or ()
                for one in field if isinstance(field, list | tuple) else (field,):
                    yield row, spec, one["value"], one["quote"]


@cache
def provers() -> dict[str, Prover]:
    parsers = Parsers(phones=LibPhoneNumbers(), dates=DateParserWords())
    return {
        row.id: Prover(row.source, finder(row.settings, parsers)(row.source)) for row in developed()
    }


def taken(row: Row, spec: FieldSpec, value: Json, quote: str) -> bool:
    """Whether the value comes out as it went in."""
    verdict = provers()[row.id].prove(spec, value, quote)
    return isinstance(verdict, Proven) and plain(verdict.value) == plain(value)


def test_what_golden_quotes_say_is_taken() -> None:
    refused = [
        (row.id, spec.name, value, quote)
        for row, spec, value, quote in stated()
        if not taken(row, spec, value, quote)
    ]
    assert len(refused) <= 0.01 * sum(1 for _ in stated()), refused


def test_what_other_texts_say_is_refused() -> None:
    others = defaultdict(list)
    for _, spec, value, _ in stated():
        others[kind_of(spec)].append(value)
    tried, believed = 0, []
    for number, (row, spec, value, quote) in enumerate(stated()):
        lies = () if kind_of(spec) in _TOLD else others[kind_of(spec)][number % 20 :: 20]
        for lie in lies:
            if plain(lie) != plain(value):
                tried += 1
                if taken(row, spec, lie, quote):
                    believed.append((row.id, spec.name, lie, quote))
    # "Friday" may be another Friday
    assert len(believed) <= 0.001 * tried, believed
    assert tried > 10_000
