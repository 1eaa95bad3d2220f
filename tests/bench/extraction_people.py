"""How many people, companies, positions and addresses of the golden records are found.

Run: python -m tests.bench.extraction_people [--misses]. Rows with an even number are held out: only
their numbers are printed.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from copilot.extracted import SourceText
from copilot.extraction.candidates import Candidate, CandidateKind
from copilot.extraction.people import find_people
from copilot.extraction.reading import Reading
from copilot.extraction.texts import about, read
from tests.corpora import REPOSITORY

KINDS = {
    "requester_name": CandidateKind.PERSON,
    "name": CandidateKind.PERSON,
    "contact_name": CandidateKind.PERSON,
    "attendees": CandidateKind.PERSON,
    "company": CandidateKind.COMPANY,
    "job_title": CandidateKind.JOB_TITLE,
    "address": CandidateKind.ADDRESS,
}
OWN_DOMAINS = ("ordivane.example",)


def rows() -> Iterator[dict[str, Any]]:
    for path in sorted((REPOSITORY / "data" / "golden" / "extraction").glob("*.jsonl")):
        yield from map(json.loads, path.read_text("utf-8").splitlines())


def stated(row: dict[str, Any]) -> dict[tuple[CandidateKind, str], set[str]]:
    """The distinct values of a row's records, each with all forms that count as it."""
    found: dict[tuple[CandidateKind, str], set[str]] = {}
    for record in row["records"]:
        for name, field in record.items():
            for one in field if isinstance(field, list) else [field] if field else []:
                if name in KINDS:
                    forms = {one["value"], *one.get("alternatives", ())}
                    found.setdefault((KINDS[name], one["value"]), set()).update(forms)
    return found


def first(reading: Reading, found: list[Candidate], kind: CandidateKind) -> Candidate | None:
    """The candidate that stands in whose words it is about, the surest one."""
    ranks = {number: rank for rank, number in enumerate(about(reading))}
    of_kind = [
        one for one in found
        if one.kind is kind and one.confidence >= 0.6 and not one.label.startswith("own ")
    ]  # fmt: skip
    return min(
        of_kind,
        key=lambda one: (
            ranks.get(reading.segment_at(one.start).message, 99) if kind is not CandidateKind.PERSON
            or reading.messages[0].part != "turn" else 0,
            one.label.startswith(("header to", "header cc", "mentioned")),
            -one.confidence,
        ),
        default=None,
    )  # fmt: skip


def main() -> None:
    counts: dict[tuple[str, CandidateKind], Counter[str]] = {}
    spent, texts = 0.0, 0
    for row in rows():
        half = "dev" if int(row["id"][-1]) % 2 else "held out"
        sent = row.get("received_at")
        source = SourceText(
            name=row["id"], text=row["text"], digest="",
            received_at=datetime.fromisoformat(sent) if sent else None,
        )  # fmt: skip
        own = () if "harborline" in row["text"] else OWN_DOMAINS
        started = time.perf_counter()
        reading = read(source, own_domains=own)
        found = find_people(reading)
        spent, texts = spent + time.perf_counter() - started, texts + 1
        gold = stated(row)
        for (kind, value), forms in gold.items():
            got = any(one.kind is kind and one.value in forms for one in found)
            counts.setdefault((half, kind), Counter())["found" if got else "missed"] += 1
            if not got and half == "dev" and "--misses" in sys.argv:
                print(f"missed {row['id']} {kind.value} {value}")
        for kind in set(KINDS.values()):
            best = first(reading, found, kind)
            right = {form for (one, _), forms in gold.items() if one is kind for form in forms}
            if best is not None and (right or row["schema"] == "crm_contact"):
                good = best.value in right
                counts.setdefault((half, kind), Counter())["right" if good else "wrong"] += 1
                if not good and half == "dev" and "--misses" in sys.argv:
                    print(f"wrong  {row['id']} {kind.value} {best.value!r} ({best.label}) {right}")
    for (half, kind), one in sorted(counts.items()):
        total = one["found"] + one["missed"]
        print(
            f"{half:8} {kind.value:9} found {one['found']}/{total} = "
            f"{one['found'] / max(1, total):.2f}   first one right "
            f"{one['right']}/{one['right'] + one['wrong']}"
        )
    print(f"{spent / texts * 1000:.2f} ms a text")


if __name__ == "__main__":
    main()
