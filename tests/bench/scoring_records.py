"""How close extracted records come to gold ones: counts of right, wrong, missed and invented.

Invariant: a value is right when it equals the gold value or one of its alternatives, white space,
letter case of strings in free text and the spelling of UTC apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import permutations
from typing import Any

from copilot.extracted import FieldValue, Json

Draft = Mapping[str, FieldValue]
INDEX = re.compile(r"\[\d+\]$")
MOST_PERMUTED = 6


@dataclass
class Count:
    """``right`` of ``given`` values, ``wanted`` in the gold; ``invented``: gold says nothing."""

    right: int = 0
    given: int = 0
    wanted: int = 0
    invented: int = 0
    exact: int = 0

    def add(self, other: Count) -> None:
        self.right += other.right
        self.given += other.given
        self.wanted += other.wanted
        self.invented += other.invented
        self.exact += other.exact

    @property
    def precision(self) -> float:
        return self.right / self.given if self.given else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.wanted if self.wanted else 1.0

    @property
    def f1(self) -> float:
        total = self.given + self.wanted
        return 2 * self.right / total if total else 1.0


@dataclass
class Score:
    """The counts of one part of a set, by field and by any other key that a row is filed under."""

    fields: dict[str, Count] = field(default_factory=dict)
    groups: dict[str, Count] = field(default_factory=dict)

    def add(self, name: str, count: Count, groups: Iterable[str]) -> None:
        self.fields.setdefault(name, Count()).add(count)
        for group in groups:
            self.groups.setdefault(group, Count()).add(count)

    @property
    def micro(self) -> Count:
        total = Count()
        for count in self.fields.values():
            total.add(count)
        return total

    @property
    def macro(self) -> float:
        """The mean F1 of the fields that the gold has values of."""
        told = [count.f1 for count in self.fields.values() if count.wanted]
        return sum(told) / len(told) if told else 0.0


def plain(value: Json) -> str:
    """A value as it is compared."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = " ".join(str(value).split()).casefold().rstrip(".")
    if re.match(r"\d{4}-\d\d-\d\dt", text):
        text = re.sub(r"(z|\+00:00)$", "+00:00", text)
        text = re.sub(r"(t\d\d:\d\d):00(?=$|[+-])", r"\1", text)
    return text


def values_of(draft: Draft, name: str) -> list[FieldValue]:
    """The values that a draft gives a field, an array's items one by one."""
    return [
        value
        for path, value in draft.items()
        if INDEX.sub("", path) == name and value.value is not None
    ]


def gold_of(told: Any) -> list[set[str]]:
    """Each gold value as the set of what counts as it."""
    items = told if isinstance(told, list) else [told] if told is not None else []
    return [{plain(one["value"]), *map(plain, one.get("alternatives", ()))} for one in items]


def field_count(text: str, draft: Draft, name: str, *, gold: Any) -> Count:
    """One field of one record against its gold."""
    given, left = values_of(draft, name), gold_of(gold)
    count = Count(given=len(given), wanted=len(left), invented=len(given) if not left else 0)
    for value in given:
        count.exact += has_exact_quote(text, value)
        hit = next((one for one in left if plain(value.value) in one), None)
        if hit is not None:
            count.right += 1
            left.remove(hit)
    return count


def has_exact_quote(text: str, value: FieldValue) -> bool:
    """Whether a value's quote stands at its offsets."""
    told = value.evidence
    return told is not None and bool(told.quote) and text[told.start : told.end] == told.quote


def aligned(
    text: str, drafts: Sequence[Draft], golds: Sequence[Mapping[str, Any]]
) -> list[tuple[Draft, Mapping[str, Any]]]:
    """Drafts and gold records in the pairing with most right values; unpaired ones beside {}."""
    size = max(len(drafts), len(golds))
    wide: list[Draft] = [*drafts[:MOST_PERMUTED], *({} for _ in range(size - len(drafts)))]
    told: list[Mapping[str, Any]] = [*golds, *({} for _ in range(size - len(golds)))]
    worth = [
        [
            sum(
                field_count(text, draft, name, gold=gold.get(name)).right
                for name in gold
                if gold[name]
            )
            for gold in told
        ]
        for draft in wide
    ]
    if len(told) > len(wide):
        told = told[: len(wide)]
    best = max(
        permutations(range(len(told))),
        key=lambda order: sum(worth[row][column] for row, column in enumerate(order)),
    )
    return [(wide[row], told[column]) for row, column in enumerate(best)]
