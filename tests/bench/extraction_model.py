"""How good extraction is with the configured model, beside rules alone, on the same texts.

    python -m tests.bench.extraction_model [--limit N]

The model is the one that ``extraction.model`` names, as ``copilot extract`` asks it: settings are
read from where ``copilot config path`` says, and the names of the team that got a golden text are
put on top. Three rows: rules alone; the model alone, its unproven values null; both, as the command
gives them. A small local model is a lower bound, and what it makes up must not be shown:
``invented``.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from copilot.bootstrap import Copilot, build
from copilot.config.records import ExtractionSettings
from copilot.events import Event, ModelAttempt, RecordExtracted
from copilot.extracted import SourceText
from copilot.extraction.extracting import Drafts, ModelReads, extract
from copilot.operations.extractors import Extractors
from copilot.schemas import Schema
from tests.bench.extraction import (
    SCHEMAS,
    Extract,
    Row,
    golden_rows,
    golden_scores,
    print_score,
    schema_at,
)
from tests.bench.scoring_records import Draft


@dataclass
class Told:
    """What the model cost, and what it gave for a text before rules filled anything in."""

    drafts: Sequence[Draft] = ()
    tokens: int = 0
    failed: int = 0


@dataclass
class Overheard:
    """The model, with what it gives told on."""

    reader: ModelReads
    told: Told

    async def read(self, source: SourceText, schema: Schema) -> AsyncGenerator[Event | Drafts]:
        self.told.drafts = ()
        async for step in self.reader.read(source, schema):
            if isinstance(step, Drafts):
                self.told.drafts = step.drafts
            if isinstance(step, ModelAttempt):
                self.told.failed += step.outcome == "failed"
                if step.usage is not None:
                    self.told.tokens += step.usage.input_tokens + step.usage.output_tokens
            yield step


@dataclass
class Teams:
    """The extractors of each team whose texts are read: the user's settings, with its names."""

    built: dict[int, Extractors] = field(default_factory=dict)

    def of(self, row: Row) -> Extractors:
        key = id(row.settings)
        if key not in self.built:
            self.built[key] = Extractors(configured(row.settings))
        return self.built[key]


def configured(team: ExtractionSettings) -> Copilot:
    tables = ("products", "components", "plans", "competitors")
    names = {name: dict(getattr(team, name)) for name in tables}
    return build({"extraction": {**names, "own_domains": list(team.own_domains)}})


def spread(rows: Sequence[Row], limit: int) -> list[Row]:
    """So many of the rows, at equal distances; all for 0."""
    if not 0 < limit < len(rows):
        return list(rows)
    return [rows[number * len(rows) // limit] for number in range(limit)]


async def read_all(
    rows: Sequence[Row], teams: Teams, told: Told
) -> dict[str, dict[str, list[Draft]]]:
    """The drafts of each row, by its id, by who read it."""
    found: dict[str, dict[str, list[Draft]]] = {"rules": {}, "model": {}, "both": {}}
    for row in rows:
        schema, extractors = schema_at(SCHEMAS / f"{row.schema}.json"), teams.of(row)
        found["rules"][row.id] = ruled = extractors.rules.extract(row.source, schema)
        found["both"][row.id] = await read_by_both(row.source, schema, ruled, extractors, told)
        found["model"][row.id] = list(told.drafts)
        print(".", end="", flush=True)
    print()
    return found


async def read_by_both(
    source: SourceText, schema: Schema, ruled: list[Draft], extractors: Extractors, told: Told
) -> list[Draft]:
    """The fields of the records that the command would print."""

    async def rules(source: SourceText, schema: Schema) -> list[Draft]:
        return ruled

    parts = extractors.parts(rules)
    if parts.model is None:
        raise SystemExit("no model: set extraction.model, and models.api_base for a local server")
    parts = replace(parts, model=Overheard(parts.model, told))
    return [
        event.record.fields
        async for event in extract(source, schema, parts)
        if isinstance(event, RecordExtracted)
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, default=0, help="so many texts, spread over the set")
    asked = parser.parse_args(arguments)
    rows = spread([row for row in golden_rows() if row.developed], asked.limit)
    teams, told, began = Teams(), Told(), time.perf_counter()
    found = asyncio.run(read_all(rows, teams, told))
    took = (time.perf_counter() - began) / len(rows)
    print(f"{len(rows)} texts, {took:.1f} s and {told.tokens // len(rows)} tokens each")
    print(f"{told.failed} requests failed")
    for name, drafts in found.items():
        by_text = {row.source.text: drafts[row.id] for row in rows}
        same = [replace(row, developed=False) for row in rows]

        def given(settings: ExtractionSettings, by: Mapping[str, list[Draft]] = by_text) -> Extract:
            return lambda source, schema: by[source.text]

        scores = golden_scores(given, same, show="")
        print_score(scores[False], title=f"{name}", wide=False)


if __name__ == "__main__":
    main()
