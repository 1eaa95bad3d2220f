"""How good and how fast the extractor without a model is, beside a naive one in the same run.

    python -m tests.bench.extraction [--show FIELD] [--only golden|sgd|speed]

Golden texts: precision, recall and F1 of fields, records paired as best they fit; those of
``held_out.jsonl``, by another author and of other organisations, are only counted. sgd_extraction:
precision of fields that the text grounds, and what is invented for fields that the dialogue leaves
open; even dialogues are developed on, odd ones only counted. Speed: mails a second on two
processes. ``--show`` lists mistakes of developed rows.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from copilot.config.records import ExtractionSettings
from copilot.extracted import Evidence, FieldValue, SourceText
from copilot.extraction.schemas import schema_of
from copilot.schemas import FieldRole, FieldSpec, Schema
from tests.bench.scoring_records import (
    Count,
    Draft,
    Score,
    aligned,
    field_count,
    has_exact_quote,
    plain,
    values_of,
)
from tests.corpora import REPOSITORY, data_root

Extract = Callable[[SourceText, Schema], Sequence[Draft]]
Made = Callable[[ExtractionSettings], Extract]
GOLDEN = REPOSITORY / "data" / "golden" / "extraction"
SCHEMAS = REPOSITORY / "data" / "schemas"
HELD_OUT = "held_out"
PROCESSES = 2


@dataclass(frozen=True)
class Row:
    """A golden text. ``developed``: its mistakes may be looked at. ``settings``: its team's."""

    id: str
    schema: str
    language: str
    style: str
    source: SourceText
    records: tuple[Mapping[str, Any], ...]
    developed: bool
    settings: ExtractionSettings


@dataclass(frozen=True)
class Dialogue:
    """A dialogue of sgd_extraction; ``accepted`` has all spellings of each value."""

    id: str
    source: SourceText
    schema: Schema
    accepted: Mapping[str, frozenset[str]]
    grounded: frozenset[str]
    developed: bool


def source_text(name: str, text: str, received_at: str | None) -> SourceText:
    when = datetime.fromisoformat(received_at) if received_at else None
    digest = hashlib.sha256(text.encode()).hexdigest()
    return SourceText(name, text, digest, received_at=when)


@cache
def schema_at(path: Path) -> Schema:
    """A schema as ``copilot extract`` takes it, without its check."""
    return schema_of(json.loads(path.read_text("utf-8")), name=path.stem)


def golden_rows() -> list[Row]:
    rows: list[Row] = []
    for path in sorted(GOLDEN.glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            told = json.loads(line)
            source = source_text(told["id"], told["text"], told["received_at"])
            rows.append(
                Row(
                    told["id"],
                    told["schema"],
                    told["language"],
                    told["style"],
                    source,
                    tuple(told["records"]),
                    path.stem != HELD_OUT,
                    golden_settings(path.stem),
                )
            )
    return rows


@cache
def golden_settings(name: str = "") -> ExtractionSettings:
    """What the team that got the texts of this file would have configured."""
    own = GOLDEN / f"{name}.toml"
    place = own if own.exists() else GOLDEN / "gazetteer.toml"
    told = tomllib.loads(place.read_text("utf-8"))
    return ExtractionSettings(
        products=told["products"],
        components=told["components"],
        plans=told["plans"],
        competitors=told["competitors"],
        own_domains=() if own.exists() else ("ordivane.example",),
    )


def dialogues(root: Path) -> list[Dialogue]:
    folder = root / "sets" / "sgd_extraction"
    found: list[Dialogue] = []
    lines = (folder / "extraction.jsonl").read_text("utf-8").splitlines()
    for number, line in enumerate(lines):
        told = json.loads(line)
        accepted = {
            name: frozenset(map(plain, [value, *told["gold_alternatives"].get(name, ())]))
            for name, value in told["gold"].items()
        }
        found.append(
            Dialogue(
                told["id"],
                source_text(told["id"], told["text"], None),
                schema_at(folder / told["schema_ref"]),
                accepted,
                frozenset(name for name, is_so in told["grounded"].items() if is_so),
                number % 2 == 0,
            )
        )
    return found


@dataclass(frozen=True)
class First:
    """The naive extractor: each field is the first thing in the text that looks like it."""

    settings: ExtractionSettings

    def extract(self, source: SourceText, schema: Schema) -> list[Draft]:
        draft = {spec.name: self.value(source.text, spec) for spec in schema.fields}
        return [draft]

    def value(self, text: str, spec: FieldSpec) -> FieldValue:
        found = re.search(self.pattern(spec), text, re.MULTILINE | re.IGNORECASE)
        if found is None:
            return FieldValue()
        group = found.lastindex or 0
        told = Evidence(found.group(group), found.start(group), found.end(group))
        return FieldValue(told.quote, told)

    def pattern(self, spec: FieldSpec) -> str:
        if spec.choices:
            return r"\b(" + "|".join(map(re.escape, spec.choices)) + r")\b"
        names = {
            FieldRole.PRODUCT: {**self.settings.products, **self.settings.plans},
            FieldRole.COMPONENT: self.settings.components,
            FieldRole.COMPETITOR: self.settings.competitors,
        }
        patterns = {
            FieldRole.TITLE: r"^Subject: *(\S.*)$",
            FieldRole.PERSON_NAME: r'^From: *"?([^"<\n]+?)"? *<',
            FieldRole.PERSON_EMAIL: r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
            FieldRole.PERSON_PHONE: r"\+?\(?\d[\d ()/-]{7,}\d",
            FieldRole.PERSON_MOBILE: r"(?:mobile|mobil|port\.|M) *:? *(\+?\d[\d ()/-]{7,}\d)",
            FieldRole.URL: r"https?://\S+|www\.\S+",
            FieldRole.VERSION: r"\bv?(\d+\.\d+(?:\.\d+)?)\b",
            FieldRole.ERROR_CODE: r"\b[A-Z]{2,4}-\d{3,5}\b",
            FieldRole.REFERENCE: r"#?\b[A-Z]+-?\d{4,}\b|\bt-\d{4}\b",
            FieldRole.AMOUNT: r"[$€£] ?(\d[\d.,]*)",
            FieldRole.PERCENT: r"(\d+) ?%",
        }
        if spec.role in names:
            told = names[spec.role]
            return r"\b(" + "|".join(map(re.escape, [*told, *sum(told.values(), ())])) + r")\b"
        if spec.format == "date" or spec.role.endswith(("_at", "date")):
            return r"\b\d{4}-\d\d-\d\d\b"
        return patterns.get(spec.role, r"(?!)")


def golden_scores(made: Made, rows: Sequence[Row], *, show: str) -> dict[bool, Score]:
    scores = {True: Score(), False: Score()}
    extractors: dict[int, Extract] = {}
    for row in rows:
        key = id(row.settings)
        if key not in extractors:
            extractors[key] = made(row.settings)
        drafts = extractors[key](row.source, schema_at(SCHEMAS / f"{row.schema}.json"))
        score = scores[row.developed]
        groups = (row.schema, row.language, f"style {row.style}")
        for draft, gold in aligned(row.source.text, drafts, row.records):
            for spec in schema_at(SCHEMAS / f"{row.schema}.json").fields:
                name = spec.name.removesuffix("[]")
                told = gold.get(name)
                count = field_count(row.source.text, draft, name, gold=told)
                score.add(f"{row.schema}.{name}", count, groups)
                wrong = count.right < max(count.given, count.wanted)
                if row.developed and wrong and show in (name, "all", row.id):
                    given = [one.value for one in values_of(draft, name)]
                    print(f"  {row.id} {name}: {given} for {json.dumps(told, ensure_ascii=False)}")
        key = "records" if len(drafts) == len(row.records) else "records, wrong number"
        score.groups.setdefault(key, Count()).given += 1
    return scores


def dialogue_scores(extract: Extract, rows: Sequence[Dialogue], *, show: str) -> dict[bool, Score]:
    scores = {True: Score(), False: Score()}
    for row in rows:
        draft = (*extract(row.source, row.schema), {})[0]
        for spec in row.schema.fields:
            name = spec.name
            values = values_of(draft, name)
            right = bool(values) and plain(values[0].value) in row.accepted.get(name, ())
            exact = bool(values) and has_exact_quote(row.source.text, values[0])
            stated, absent = name in row.grounded, name not in row.accepted
            count = Count(right, len(values), not absent, len(values) if absent else 0, exact)
            part = "grounded" if stated else "absent" if absent else "meant, in other words"
            scores[row.developed].add(name, count, (part, f"{row.schema.name} {part}"))
            missed = stated and not values and show.startswith("missed")
            asked = (name, "all", row.id, row.schema.name, "missed", f"missed {name}")
            if row.developed and ((values and not right) or missed) and show in asked:
                given = [(one.value, one.evidence) for one in values]
                print(f"  {row.id} {row.schema.name}.{name}: {given} {row.accepted.get(name)}")
    return scores


def print_counts(counts: Mapping[str, Count], *, title: str) -> None:
    print(
        f"\n{title:44}{'P':>7}{'R':>7}{'F1':>7}{'right':>7}{'given':>7}{'gold':>6}{'invented':>9}"
    )
    for name, count in counts.items():
        print(
            f"{name:44}{count.precision:7.3f}{count.recall:7.3f}{count.f1:7.3f}"
            f"{count.right:7}{count.given:7}{count.wanted:6}{count.invented:9}"
        )


def print_score(score: Score, *, title: str, wide: bool) -> None:
    total = score.micro
    print_counts({"all fields, micro": total}, title=title)
    share = total.exact / total.given if total.given else 1.0
    print(f"{'macro F1 ':44}{score.macro:21.3f}   quotes exact {share:.3f}")
    if wide:
        print_counts(dict(sorted(score.fields.items())), title=f"{title}, by field")
    print_counts(dict(sorted(score.groups.items())), title=f"{title}, by group")


def bare(source: SourceText) -> int:
    """What any extractor does at least: look at every character, once, for one kind of thing."""
    return len(re.findall(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+", source.text))


WORKER: dict[str, Extract] = {}


def prepare(made: Made) -> None:
    WORKER["extract"] = made(golden_settings())


def warm(_: int) -> None:
    rows = golden_rows()
    for row in rows:
        WORKER["extract"](row.source, schema_at(SCHEMAS / f"{row.schema}.json"))
    time.sleep(0.3)


def work(batch: Sequence[tuple[SourceText, str]]) -> int:
    return sum(
        len(WORKER["extract"](source, schema_at(SCHEMAS / f"{name}.json")))
        for source, name in batch
    )


def speed(made: Made, rows: Sequence[Row], *, rounds: int) -> float:
    """Texts a second on two processes, once these are warm."""
    texts = [(row.source, row.schema) for _ in range(rounds) for row in rows]
    batches = [texts[at : at + 8] for at in range(0, len(texts), 8)]
    with ProcessPoolExecutor(PROCESSES, initializer=prepare, initargs=(made,)) as pool:
        list(pool.map(warm, range(PROCESSES)))
        began = time.perf_counter()
        list(pool.map(work, batches))
        return len(texts) / (time.perf_counter() - began)


def naive(settings: ExtractionSettings) -> Extract:
    return First(settings).extract


def rules(settings: ExtractionSettings) -> Extract:
    from tests.bench.extractors import rule_extractor

    return rule_extractor(settings).extract


def bare_extract(settings: ExtractionSettings) -> Extract:
    return lambda source, schema: [{}] * bool(bare(source))


EXTRACTORS: Mapping[str, Made] = {"first match": naive, "rules": rules}


def told_apart(scores: Mapping[bool, Score]) -> Iterator[tuple[str, Score]]:
    yield "developed on", scores[True]
    yield "held out", scores[False]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", default="", help="a field, a row's id, all, or missed")
    parser.add_argument("--only", choices=("golden", "sgd", "speed"), default=None)
    parser.add_argument("--extractor", choices=tuple(EXTRACTORS), default=None)
    asked = parser.parse_args(arguments)
    rows, root = golden_rows(), data_root()
    styles = Counter(row.schema for row in rows)
    print("golden:", ", ".join(f"{count} {name}" for name, count in sorted(styles.items())))
    for name, made in EXTRACTORS.items():
        if asked.extractor not in (None, name):
            continue
        show = asked.show if name == "rules" else ""
        wide = name == "rules"
        if asked.only in (None, "golden"):
            for part, score in told_apart(golden_scores(made, rows, show=show)):
                print_score(score, title=f"{name}: golden, {part}", wide=wide)
        if asked.only in (None, "sgd") and root is not None:
            found = dialogue_scores(made(golden_settings()), dialogues(root), show=show)
            for part, score in told_apart(found):
                print_score(score, title=f"{name}: sgd, {part}", wide=wide)
    if asked.only in (None, "speed"):
        base = speed(bare_extract, rows, rounds=20)
        for name, made in EXTRACTORS.items():
            rate = speed(made, rows, rounds=5)
            print(f"{name:14}{rate:9.0f} texts a second on {PROCESSES} processes", end="")
            print(f"   {base / rate:7.1f} times the time of one pass for e-mail addresses")


if __name__ == "__main__":
    main()
