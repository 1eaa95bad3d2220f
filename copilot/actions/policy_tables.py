"""Tables of a policy file, read key by key, with the line of each.

Invariant: whatever isn't as it should be becomes a ``Flaw`` that says where it stands; nothing is
guessed in its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from copilot.actions.policy import FieldCondition
from copilot.config.fields import nearest

_FIELD_KEYS = ("one_of", "regex", "min", "max", "min_confidence", "evidence")
_HEADER = re.compile(r"^\s*\[\[?\s*([\w.\-\"' ]+?)\s*\]\]?\s*(#.*)?$")


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong in the file, and where."""

    line: int
    message: str
    hint: str = ""


@dataclass
class Places:
    """Lines of the tables, in order by name, and of the keys in each; of keys at the top."""

    tables: dict[str, list[dict[str, int]]] = field(default_factory=dict)
    top: dict[str, int] = field(default_factory=dict)

    def line(self, table: str, number: int, key: str = "") -> int:
        found = self.tables.get(table, [])
        keys = found[number] if number < len(found) else {}
        return keys.get(key) or keys.get(key.partition(".")[0]) or keys.get("", 0)


def places_of(text: str) -> Places:
    places = Places()
    keys = places.top
    inside = ""
    for number, line in enumerate(text.splitlines(), start=1):
        header = _HEADER.match(line)
        if header:
            name = re.sub(r"[\"' ]", "", header[1])
            table, _, inside = name.partition(".")
            if not inside:
                keys = {"": number}
                places.tables.setdefault(table, []).append(keys)
                places.top.setdefault(table, number)
            else:
                keys.setdefault(inside, number)
                keys.setdefault(inside.partition(".")[0], number)
            continue
        key = re.match(r"\s*([\w.\-\"'\[\]]+)\s*=", line)
        if key:
            name = re.sub(r"[\"']", "", key[1])
            keys.setdefault(f"{inside}.{name}" if inside else name, number)
    return places


@dataclass
class Reading:
    """A file that is being read, and what is wrong with it so far."""

    places: Places
    flaws: list[Flaw] = field(default_factory=list)

    def flaw(self, line: int, message: str, hint: str = "") -> None:
        self.flaws.append(Flaw(line, message, hint))

    def tables(self, given: object, name: str) -> Iterator[Table]:
        """The tables ``[[name]]``."""
        if given is None:
            return
        if not isinstance(given, list) or not all(isinstance(one, Mapping) for one in given):
            self.flaw(self.places.top.get(name, 0), f"write it as [[{name}]]")
            return
        for number, one in enumerate(given):
            yield Table(self, name, number, one)


@dataclass(frozen=True)
class Table:
    """One table, read key by key."""

    reading: Reading
    name: str
    number: int
    given: Mapping[str, object]

    @property
    def line(self) -> int:
        return self.reading.places.line(self.name, self.number)

    def flaw(self, key: str, message: str, hint: str = "") -> None:
        self.reading.flaw(self.reading.places.line(self.name, self.number, key), message, hint)

    def known(self, keys: Sequence[str]) -> None:
        for key in self.given:
            if key not in keys:
                self.flaw(key, *unknown(key, keys))

    def text(self, key: str) -> str:
        value = self.given.get(key, "")
        if isinstance(value, str):
            return value
        self.flaw(key, f"{key} must be a text")
        return ""

    def truth(self, key: str) -> bool | None:
        value = self.given.get(key)
        if value is None or isinstance(value, bool):
            return value
        self.flaw(key, f"{key} must be true or false")
        return None

    def share(self, key: str) -> float | None:
        value = self.given.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            self.flaw(key, f"{key} must be a number from 0 to 1")
            return None
        return float(value)

    def one_of(self, key: str, valid: Sequence[str], *, needed: bool = False) -> str:
        value = self.given.get(key)
        if value is None and not needed:
            return ""
        if isinstance(value, str) and value in valid:
            return value
        said = "is missing" if value is None else f"is {value!r}"
        self.flaw(key, f"{key} {said}", f"one of {', '.join(valid)}")
        return ""

    def names(self, key: str, valid: Sequence[str] = ()) -> tuple[str, ...]:
        """A text or a list of texts."""
        value = self.given.get(key)
        found = [value] if isinstance(value, str) else value
        if found is None:
            return ()
        if not isinstance(found, list) or not all(isinstance(one, str) and one for one in found):
            self.flaw(key, f"{key} must be a name or a list of names")
            return ()
        if not found and self.name == "rule":
            self.flaw(key, f"{key} is an empty list, which nothing meets", f"leave {key} out")
        for one in found:
            if valid and one not in valid and not ("*" in one and key == "operation"):
                guess = nearest(one, list(valid))
                meant = f"did you mean {guess}?" if guess else f"one of {', '.join(valid)}"
                self.flaw(key, f"{key} is {one!r}", meant)
        return tuple(found)

    def conditions(self) -> dict[str, FieldCondition]:
        given = self.given.get("fields", {})
        if not isinstance(given, Mapping):
            self.flaw("fields", "fields must be a table: [rule.fields]")
            return {}
        return {path: self._condition(path, one) for path, one in given.items()}

    def _condition(self, path: str, given: object) -> FieldCondition:
        at = f"fields.{path}"
        if not isinstance(given, Mapping):
            self.flaw(at, f"{path}: say what it must be", f"{path} = {{ one_of = [...] }}")
            return FieldCondition()
        for key in given:
            if key not in _FIELD_KEYS:
                message, hint = unknown(f"{key}", _FIELD_KEYS)
                self.flaw(at, f"{path}: {message}", hint)
        inner = Table(self.reading, self.name, self.number, given)
        bounds: dict[str, float | date | None] = {}
        for key in ("min", "max"):
            bound = given.get(key)
            if bound is not None and (isinstance(bound, bool) or not _is_bound(bound)):
                self.flaw(at, f"{path}: {key} must be a number or a day such as 2026-11-22")
                bound = None
            bounds[key] = _bound(bound)
        one_of, regex = given.get("one_of"), given.get("regex")
        if one_of is not None and not isinstance(one_of, list):
            self.flaw(at, f"{path}: one_of must be a list")
            one_of = None
        if regex is not None:
            self._compiled(at, path, regex)
        if not given:
            self.flaw(at, f"{path}: there is no condition in it")
        return FieldCondition(
            one_of=None if one_of is None else tuple(one_of),
            regex=regex if isinstance(regex, str) else None,
            min=bounds["min"],
            max=bounds["max"],
            min_confidence=inner.share("min_confidence"),
            evidence=bool(inner.truth("evidence")),
        )

    def _compiled(self, at: str, path: str, regex: object) -> None:
        try:
            if not isinstance(regex, str):
                raise re.error("not a text")
            re.compile(regex)
        except (re.error, RecursionError, OverflowError) as error:
            self.flaw(at, f"{path}: {regex!r} is no regular expression: {error}")


def unknown(key: str, valid: Sequence[str]) -> tuple[str, str]:
    guess = nearest(key, list(valid))
    return f"unknown key {key}", f"did you mean {guess}?" if guess else f"known: {', '.join(valid)}"


def _is_bound(value: object) -> bool:
    return isinstance(value, int | float | date)


def _bound(value: object) -> float | date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    return float(value) if isinstance(value, int | float) else None
