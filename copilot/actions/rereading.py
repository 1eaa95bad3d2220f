"""Which proposal of an earlier reading of a text each record of a new reading stands for.

Invariant: what a record says alone of its reading decides, by the words of the text; its place in
the order only where nothing else does. An entry is taken by one record of a reading at most.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from copilot.extracted import ExtractedRecord, FieldValue
from copilot.proposals import Standing

_Sign = tuple[str, str]  # a field, and what it says or where


@dataclass
class Reading:
    """What one reading made of a text, handed over record by record."""

    records: Sequence[ExtractedRecord]
    _taken: set[str] = field(default_factory=set)
    _seen: set[str] = field(default_factory=set)
    _pairs: dict[int, str] = field(default_factory=dict)

    def took(self, standing: Standing) -> None:
        """One of the records stands for this proposal, and no other does."""
        self._taken.add(standing.proposal.id)

    def earlier(self, record: ExtractedRecord, known: Sequence[Standing]) -> list[Standing]:
        """Of ``known``, the newest first, those that were made of what ``record`` says."""
        groups: dict[str, list[Standing]] = defaultdict(list)
        for standing in known:
            groups[_entry(standing)].append(standing)
        # Of a first reading nothing is left, so that its records aren't compared with each other.
        for entry, group in list(groups.items()):
            if any(one.proposal.id in self._taken for one in group):
                del groups[entry]
        if not groups:
            return []
        # What one record takes changes nothing for the others, so that this is done once a text.
        found = self._pairs.get(record.ordinal, "")
        if not groups.keys() <= self._seen or (found and found not in groups):
            self._seen, self._pairs = set(groups), paired(self.records, groups)
            found = self._pairs.get(record.ordinal, "")
        return groups.get(found, [])


def paired(
    records: Sequence[ExtractedRecord], groups: Mapping[str, Sequence[Standing]]
) -> dict[int, str]:
    """Records, by their ordinals, and groups: the surest pair first, and what is left by place."""
    signs = {one.ordinal: _signs(one.fields) for one in records}
    shared = Counter(sign for its in signs.values() for sign in its)
    own = {o: {s: w for s, w in its.items() if shared[s] == 1} for o, its in signs.items()}
    age = {entry: number for number, entry in enumerate(groups)}
    places = {entry: {one.proposal.ordinal for one in groups[entry]} for entry in groups}
    alike = _alike(own, groups)
    sure = sorted(alike, key=lambda one: (-alike[one], one[0] not in places[one[1]], age[one[1]]))
    by_place = [(ordinal, entry) for entry, its in places.items() for ordinal in its & own.keys()]
    pairs: dict[int, str] = {}
    taken: set[str] = set()
    for ordinal, entry in [*sure, *by_place]:
        if ordinal not in pairs and entry not in taken:
            pairs[ordinal] = entry
            taken.add(entry)
    return pairs


def _alike(
    own: Mapping[int, Mapping[_Sign, int]], groups: Mapping[str, Sequence[Standing]]
) -> Counter[tuple[int, str]]:
    """How much of a record's own an earlier one has too, where that is most of what both state."""
    holders: dict[_Sign, list[str]] = defaultdict(list)
    stated: dict[str, set[str]] = {}
    for entry, group in groups.items():
        its = {sign for standing in group for sign in _signs(standing.proposal.fields)}
        stated[entry] = {name for name, _ in its}
        for sign in its:
            holders[sign].append(entry)
    alike: Counter[tuple[int, str]] = Counter()
    for ordinal, signs in own.items():
        for sign, weight in signs.items():
            alike.update({(ordinal, entry): weight for entry in holders.get(sign, ())})
    for pair, weight in list(alike.items()):
        both = sum(w for (name, _), w in own[pair[0]].items() if name in stated[pair[1]])
        if 2 * weight < both:
            del alike[pair]
    return alike


def _entry(standing: Standing) -> str:
    """The entry that it made or changes; what isn't sent yet, or is a comment, is its own."""
    write, receipt = standing.proposal.write, standing.receipt
    match write.operation:
        case "create" if receipt is not None:
            return f"{write.kind} {receipt.external_id}"
        case "update":
            return f"{write.kind} {write.external_id}"
        case _:
            return standing.proposal.id


def _signs(fields: Mapping[str, FieldValue]) -> dict[_Sign, int]:
    """What a record can be told by, and how much each counts: words by their places in the text."""
    found: dict[_Sign, int] = {}
    for path, one in fields.items():
        if one.value is None:
            continue
        name = re.sub(r"\[\d+\]", "[]", path)
        if one.evidence is None:
            found[name, str(one.value)] = len(str(one.value))
            continue
        for word in re.finditer(r"\S+", one.evidence.quote):
            found[name, f"@{one.evidence.start + word.start()}"] = len(word[0])
    return found
