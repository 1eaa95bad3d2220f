"""A model's answer in the schema's shape, each leaf with what became of it.

Invariant: whatever JSON comes, every leaf is a ``Slot`` with a value that was proven or the reason
why there is none; nothing that the schema doesn't know is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from copilot.extracted import FieldValue, Json, NullReason
from copilot.extraction.finding.sheet import fold
from copilot.extraction.modelled.asking import MOST_RECORDS
from copilot.extraction.modelled.proving import Prover
from copilot.extraction.modelled.verdicts import Proven, Refused, Verdict
from copilot.schemas import FieldSpec, Schema

MOST_ITEMS = 100
_NOTHING = frozenset({"", "null", "none", "n/a", "not stated", "not specified", "unknown"})
ASKED_AGAIN = 0.9  # of the confidence that the first answer would have had


@dataclass(slots=True)
class Slot:
    """One leaf of a record; ``verdict`` is None where the model said null, or nothing."""

    name: str
    spec: FieldSpec
    verdict: Verdict | None = None
    silent: NullReason = NullReason.NOT_STATED
    again: bool = False

    def field(self, read_by: str) -> FieldValue:
        match self.verdict:
            case Proven(value, evidence, confidence, normalised_from):
                sure = confidence * ASKED_AGAIN if self.again else confidence
                return FieldValue(
                    value, evidence, round(sure, 3), None, normalised_from, read_by=read_by
                )
            case Refused(reason):
                return FieldValue(null_reason=reason, read_by=read_by)
        return FieldValue(null_reason=self.silent, read_by=read_by)


Tree = dict[str, "Tree"] | list["Tree"] | Slot


class Answered:
    """Reads the answers about one schema."""

    def __init__(self, schema: Schema, prover: Prover) -> None:
        self._schema = schema
        self._prover = prover
        self._specs = {spec.path: spec for spec in schema.fields}
        self.all_read = True  # whether no answer held more records than are taken

    def records(self, data: Mapping[str, Json], *, whole: bool) -> list[Tree]:
        """One tree a record. What an answer that was cut doesn't say may have been stated."""
        silent = NullReason.NOT_STATED if whole else NullReason.OVER_BUDGET
        given = self._unwrapped(data)
        listed = given if isinstance(given, list) else [given]
        self.all_read = len(listed) <= MOST_RECORDS
        found: list[Tree] = [
            self._tree(self._schema.json_schema, raw, (), "", silent)
            for raw in listed[: MOST_RECORDS if self._schema.many else 1]
            if isinstance(raw, Mapping)
        ]
        if not found and not whole:
            found.append(self._tree(self._schema.json_schema, {}, (), "", silent))
        return found

    def take(self, slot: Slot, raw: Json) -> None:
        """Judge what the model gave for a leaf."""
        if raw is None:
            slot.verdict = None
            return
        told = _by_name(raw) if isinstance(raw, Mapping) else {"value": raw}
        value, quote = told.get("value"), told.get("quote")
        silent = value is None or _says_nothing(slot.spec, value, quote)
        slot.verdict = None if silent else self._prover.prove(slot.spec, value, quote)

    def _unwrapped(self, data: Mapping[str, Json]) -> Json:
        """The records, where a model wrapped them in another name: ``{"ticket": {…}}``."""
        properties = self._schema.json_schema.get("properties")
        known = {_plain(key) for key in properties} if isinstance(properties, Mapping) else set()
        for _ in range(3):
            if "records" in data:
                return data["records"]
            if len(data) != 1 or known & set(_by_name(data)):
                break
            (inner,) = data.values()
            if not isinstance(inner, Mapping):
                return inner
            data = inner
        return data

    def _tree(
        self,
        node: Mapping[str, Json],
        raw: Json,
        path: tuple[str, ...],
        name: str,
        silent: NullReason,
    ) -> Tree:
        properties, items = node.get("properties"), node.get("items")
        if isinstance(properties, Mapping):
            given = raw if isinstance(raw, Mapping) else {}
            told = _by_name({key: one for key, one in given.items() if key not in properties})
            return {
                key: self._tree(
                    child,
                    given.get(key, told.get(_plain(key))),
                    (*path, key),
                    f"{name}.{key}" if name else key,
                    silent,
                )
                for key, child in properties.items()
                if isinstance(child, Mapping)
            }
        if isinstance(items, Mapping):
            listed = raw if isinstance(raw, list) else [] if raw is None else [raw]
            return [
                self._tree(items, one, (*path, "[]"), f"{name}[{number}]", silent)
                for number, one in enumerate(listed[:MOST_ITEMS])
            ]
        slot = Slot(name, self._specs[path], silent=silent)
        self.take(slot, raw)
        return slot


def slots(tree: Tree) -> Iterator[Slot]:
    """The leaves of a record, in order."""
    if isinstance(tree, Slot):
        yield tree
    else:
        for child in tree.values() if isinstance(tree, dict) else tree:
            yield from slots(child)


def fields(tree: Tree, read_by: str, *, name: str = "") -> dict[str, FieldValue]:
    """The record by paths; items of arrays without a value are left out, the rest counted anew."""
    if isinstance(tree, Slot):
        return {name: tree.field(read_by)}
    found: dict[str, FieldValue] = {}
    if isinstance(tree, dict):
        for key, child in tree.items():
            found |= fields(child, read_by, name=f"{name}.{key}" if name else key)
        return found
    kept = [child for child in tree if says_something(child)]
    kept = [child for at, child in enumerate(kept) if not _said_before(child, kept[:at])]
    for number, child in enumerate(kept):
        found |= fields(child, read_by, name=f"{name}[{number}]")
    if not kept:
        reasons = [slot.field(read_by) for child in tree for slot in slots(child)]
        refused = [one for one in reasons if one.null_reason is not NullReason.NOT_STATED]
        nothing = FieldValue(null_reason=NullReason.NOT_STATED, read_by=read_by)
        found[name] = refused[0] if refused else nothing
    return found


def _said_before(tree: Tree, before: list[Tree]) -> bool:
    """Whether an array of plain values has this one already."""
    return isinstance(tree, Slot) and any(
        isinstance(one, Slot)
        and isinstance(one.verdict, Proven)
        and isinstance(tree.verdict, Proven)
        and one.verdict.value == tree.verdict.value
        for one in before
    )


def says_something(tree: Tree) -> bool:
    """Whether a leaf of it has a value."""
    return any(isinstance(slot.verdict, Proven) for slot in slots(tree))


def distinct(drafts: Sequence[Mapping[str, FieldValue]]) -> list[Mapping[str, FieldValue]]:
    """Those that say what no other says; of several that say the same, the first."""
    said = [
        {(name, field.value) for name, field in draft.items() if field.value is not None}
        for draft in drafts
    ]
    return [
        draft
        for at, draft in enumerate(drafts)
        if not any(said[at] < other for other in said) and said[at] not in said[:at]
    ]


def _says_nothing(spec: FieldSpec, value: Json, quote: Json) -> bool:
    """Whether it is a null in words, without words of the text."""
    if not isinstance(value, str) or value in spec.choices:
        return False
    return fold(value.strip()) in _NOTHING and (
        not isinstance(quote, str) or fold(quote.strip()) in _NOTHING
    )


def _by_name(raw: Mapping[str, Json]) -> dict[str, Json]:
    """By the keys as a model may have spelt them: ``Due Date`` for ``due_date``."""
    told: dict[str, Json] = {}
    for key, value in raw.items():
        told.setdefault(_plain(str(key)), value)
    return told


def _plain(key: str) -> str:
    return re.sub(r"[\W_]+", "", fold(key)) or key
