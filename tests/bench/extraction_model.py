"""How good extraction is with the configured model, beside rules alone, on the same texts.

    python -m tests.bench.extraction_model [--limit N]

The model is the one that ``extraction.model`` names, as ``copilot extract`` asks it: settings are
read from where ``copilot config path`` says, and the golden texts' own names are put on top. Three
rows: rules alone; the model alone, its unproven values null; both, as the command gives them. A
small local model is a lower bound, and what it makes up must not be shown: ``invented``.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import replace

from copilot.bootstrap import Copilot, build
from copilot.config.records import ExtractionSettings
from copilot.events import Event, ModelAttempt, RecordExtracted
from copilot.extracted import SourceText
from copilot.extraction.extracting import Drafts, ModelReads, extract
from copilot.extractors import Extractors
from copilot.schemas import Schema
from tests.bench.extraction import (
    SCHEMAS,
    Extract,
    Row,
    golden_rows,
    golden_scores,
    golden_settings,
    print_score,
    schema_at,
)
from tests.bench.scoring_records import Draft


class Kept:
    """The model, with what it gave before rules filled anything in."""

    def __init__(self, reader: ModelReads) -> None:
        self._reader = reader
        self.drafts: Sequence[Draft] = ()
        self.tokens = 0
        self.failed = 0

    @property
    def model(self) -> str:
        return self._reader.model

    async def read(self, source: SourceText, schema: Schema) -> AsyncGenerator[Event | Drafts]:
        self.drafts = ()
        async for step in self._reader.read(source, schema):
            if isinstance(step, Drafts):
                self.drafts = step.drafts
            if isinstance(step, ModelAttempt):
                self.failed += step.outcome == "failed"
                if step.usage is not None:
                    self.tokens += step.usage.input_tokens + step.usage.output_tokens
            yield step


def configured() -> Copilot:
    """The user's settings, with the names that the golden texts use."""
    told = golden_settings()
    names = {name: dict(getattr(told, name)) for name in ("products", "components")}
    names |= {name: dict(getattr(told, name)) for name in ("plans", "competitors")}
    return build({"extraction": {**names, "own_domains": list(told.own_domains)}})


async def read_all(
    rows: Sequence[Row], extractors: Extractors, kept: Kept
) -> dict[str, dict[str, list[Draft]]]:
    """The drafts of each row, by its id, by who read it."""
    found: dict[str, dict[str, list[Draft]]] = {"rules": {}, "model": {}, "both": {}}
    for row in rows:
        schema = schema_at(SCHEMAS / f"{row.schema}.json")
        found["rules"][row.id] = ruled = extractors.rules.extract(row.source, schema)
        found["both"][row.id] = await read_by_both(row.source, schema, ruled, extractors, kept)
        found["model"][row.id] = list(kept.drafts)
        print(".", end="", flush=True)
    print()
    return found


async def read_by_both(
    source: SourceText, schema: Schema, ruled: list[Draft], extractors: Extractors, kept: Kept
) -> list[Draft]:
    """The fields of the records that the command would print."""

    async def rules(source: SourceText, schema: Schema) -> list[Draft]:
        return ruled

    parts = replace(extractors.parts(rules), model=kept)
    return [
        event.record.fields
        async for event in extract(source, schema, parts)
        if isinstance(event, RecordExtracted)
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, default=0, help="so many texts, spread over the set")
    asked = parser.parse_args(arguments)
    extractors = Extractors(configured())
    if extractors.model is None:
        raise SystemExit("no model: set extraction.model, and models.api_base for a local server")
    rows = [row for row in golden_rows() if row.developed]
    rows = rows[:: max(1, len(rows) // asked.limit)] if asked.limit else rows
    kept, began = Kept(extractors.model), time.perf_counter()
    found = asyncio.run(read_all(rows, extractors, kept))
    took = (time.perf_counter() - began) / len(rows)
    print(
        f"{kept.model}: {len(rows)} texts, {took:.1f} s and {kept.tokens // len(rows)} tokens each"
    )
    print(f"{kept.failed} requests failed")
    for name, drafts in found.items():
        by_text = {row.source.text: drafts[row.id] for row in rows}
        same = [replace(row, developed=False) for row in rows]

        def given(settings: ExtractionSettings, by: Mapping[str, list[Draft]] = by_text) -> Extract:
            return lambda source, schema: by[source.text]

        scores = golden_scores(given, same, show="")
        print_score(scores[False], title=f"{name}", wide=False)


if __name__ == "__main__":
    main()
