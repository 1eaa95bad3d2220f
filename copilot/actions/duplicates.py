"""Whether what a sink holds is on the same issue as a record, or about the same person.

Invariant: an entry is taken for the same only where nothing that both state tells them apart;
whatever is merely alike is shown to a person and changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from copilot.extracted import Json
from copilot.proposals import FieldChange, SinkEntry
from copilot.titles import told

# A sink's objects that stand for a person, a company or a sale: there is one of each, kept up to
# date. Whatever else is an issue, whose words are its reporter's, and which is commented on.
_PERSON = re.compile(r"contact|person|people|user|lead")
_KEPT_UP = re.compile(rf"{_PERSON.pattern}|company|companies|account|organi[sz]ation|deal|oppor")
_OWNER = re.compile(r"company|account|customer|client|organi[sz]ation|contact|mail")
_TITLES = ("title", "summary", "subject", "short_description", "name", "dealname")
_WORD = re.compile(r"\w+")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_IDENTIFIER = re.compile(r"(?=\S*\d)[^\s]{2,40}|[^@\s]+@[^@\s]+")
_DATE = re.compile(r"\d{4}-\d\d-\d\d([T ].*)?")
_NUMBER = re.compile(r"-?(0|[1-9]\d{0,30})(\.\d{1,20})?")
_DIGIT = re.compile(r"\d")
_ALIKE = 0.6


def kept_up(kind: str) -> bool:
    """Whether an entry of this kind is brought up to date where it is there already."""
    return _KEPT_UP.search(kind.casefold()) is not None


def same(kind: str, values: Mapping[str, Json], entry: SinkEntry) -> bool:
    """Whether the entry is what ``values``, under the same sink's field names, tell of."""
    both = [(name, one, entry.values.get(name)) for name, one in values.items()]
    if _PERSON.search(kind.casefold()) and _emails(values):
        return bool(_emails(values) & _emails(entry.values))
    title, its_title = _title(values), entry.title or _title(entry.values)
    if kept_up(kind):
        names, its_names = _names(title), _names(its_title)
        owners = (pair for name, *pair in both if _OWNER.search(name.casefold()))
        return bool(names) and names == its_names and not any(_other_text(*o) for o in owners)
    ours, theirs = frozenset(told(title)), frozenset(told(its_title))
    if not ours or not theirs:
        return False
    if any(_tell_apart(one, other) for _, one, other in both) or _other_numbers(ours, theirs):
        return False
    if min(len(ours), len(theirs)) < 3:
        return ours == theirs
    return len(ours & theirs) / len(ours | theirs) >= _ALIKE


def differences(values: Mapping[str, Json], entry: SinkEntry) -> tuple[FieldChange, ...]:
    """What writing ``values`` would change there."""
    return tuple(
        FieldChange(name, entry.values.get(name), value)
        for name, value in values.items()
        if not _equal(entry.values.get(name), value)
    )


def _tell_apart(one: Json, other: Json) -> bool:
    """Whether both are identifiers, and other ones: versions, error codes, addresses."""
    if not isinstance(one, str) or not isinstance(other, str):
        return False
    pair = (one.strip().casefold(), other.strip().casefold())
    if any(_DATE.fullmatch(text) or not _IDENTIFIER.fullmatch(text) for text in pair):
        return False
    return pair[0] != pair[1]


def _other_text(one: Json, other: Json) -> bool:
    if not isinstance(one, str) or not isinstance(other, str):
        return False
    return one.strip().casefold() != other.strip().casefold()


def _other_numbers(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    """Whether both name numbers or codes, and not the same: printer 3 isn't printer 4."""
    pair = [frozenset(word for word in words if _DIGIT.search(word)) for words in (ours, theirs)]
    return all(pair) and pair[0] != pair[1]


def _emails(values: Mapping[str, Json]) -> frozenset[str]:
    return frozenset(
        one.strip().casefold()
        for one in values.values()
        if isinstance(one, str) and _EMAIL.fullmatch(one.strip())
    )


def _title(values: Mapping[str, Json]) -> str:
    by_name = {name.casefold(): value for name, value in values.items()}
    found = (by_name.get(name) for name in _TITLES)
    return next((one for one in found if isinstance(one, str) and one), "")


def _names(title: str) -> frozenset[str]:
    """All the words of a name: of a person or a company each one counts."""
    return frozenset(_WORD.findall(title.casefold()))


def _equal(held: Json, value: Json) -> bool:
    if held == value:
        return True
    if held is None or value is None or isinstance(held, Mapping) or isinstance(value, Mapping):
        return False
    return list(_plain(held)) == list(_plain(value))


def _plain(value: Json) -> Iterator[str]:
    """As texts: systems give numbers back as texts, and one value as a list of one."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        for one in value:
            yield from _plain(one)
    elif isinstance(value, bool):
        yield str(value).lower()
    elif isinstance(value, int | float | str):
        text = str(value).strip()
        yield f"{Decimal(text).normalize():f}" if _NUMBER.fullmatch(text) else text
