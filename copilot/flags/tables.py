"""A table of a file of flags, read entry by entry.

Invariant: each entry that is wrong, or that nobody asked for, is told once, with its line.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from copilot.config.fields import nearest
from copilot.config.layers import printable
from copilot.flags.values import Trouble

_Word = TypeVar("_Word", bound=str)


class Table:
    """``key`` is its dotted name; ``troubles`` are those of the whole file."""

    def __init__(
        self,
        entries: Mapping[str, object],
        file: Path,
        lines: Mapping[str, int],
        *,
        key: str = "",
        troubles: list[Trouble] | None = None,
    ) -> None:
        self.key = key
        self.troubles: list[Trouble] = [] if troubles is None else troubles
        self._entries = dict(entries)
        self._file = file
        self._lines = lines
        self._known: list[str] = []

    def place(self, key: str) -> str:
        """The file, with the line of the key or of what it stands in."""
        while key and key not in self._lines:
            key = key.rpartition(".")[0]
        return f"{self._file}:{self._lines[key]}" if key else str(self._file)

    def say(self, name: str, what: str, hint: str = "") -> None:
        """``what`` is wrong with the entry, or with the table itself."""
        key = self._named(name)
        self.troubles.append(Trouble(f"{self.place(key)}: {printable(key)} {what}.", hint))

    def boolean(self, name: str, *, default: bool) -> bool:
        value = self._take(name)
        if isinstance(value, bool):
            return value
        if value is not None:
            self._must(name, "true or false", value)
        return default

    def is_false(self, name: str) -> bool:
        return self._entries.get(name) is False and self._take(name) is False

    def text(self, name: str) -> str:
        value = self._take(name)
        if isinstance(value, str):
            return value
        if value is not None:
            self._must(name, "a text in quotes", value)
        return ""

    def one_of(self, name: str, words: tuple[_Word, ...]) -> _Word:
        """The first of ``words`` where nothing is said."""
        value = self._take(name)
        for word in words:
            if value == word:
                return word
        if value is not None:
            self._must(name, f"one of {', '.join(words)}", value)
        return words[0]

    def texts(self, name: str, *, of: Collection[str] = ()) -> tuple[str, ...]:
        value = self._take(name)
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            for one in value:
                if of and one not in of:
                    self.say(name, f"holds {printable(one)!r}", f"Known: {', '.join(of)}.")
            return tuple(value)
        if value is not None:
            self._must(name, "a list of texts", value)
        return ()

    def number(self, name: str, *, default: float, least: float, most: float) -> float:
        value = self.optional_number(name, least=least, most=most)
        return default if value is None else value

    def optional_number(self, name: str, *, least: float, most: float) -> float | None:
        value = self._take(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._must(name, "a number", value)
            return None
        if not least <= value <= most:
            self.say(name, f"must be from {least:g} to {most:g}, not {value}")
            return None
        return value

    def table(self, name: str) -> Table | None:
        value = self._take(name)
        if isinstance(value, dict):
            return self._inner(name, value)
        if value is not None:
            self._must(name, "a table", value)
        return None

    def tables(self, name: str, *, known: Collection[str] = ()) -> Iterator[tuple[str, Table]]:
        """The tables in a table, by name; of ``known`` names alone, if there are such.

        A yes or no for one of them stands for ``{ on = … }``.
        """
        table = self.table(name)
        if table is None:
            return
        for inner, value in table._entries.items():
            if known and inner not in known:
                guess = nearest(inner, list(known))
                hint = f"Did you mean {guess}?" if guess else f"Known: {', '.join(known)}."
                table.say(inner, "is no flag", hint)
            elif known and not isinstance(value, dict):
                yield inner, table._inner("", {"on": value}, key=table._named(inner))
            elif isinstance(value, dict):
                yield inner, table._inner(inner, value)
            else:
                table._must(inner, "a table", value)

    def each(self, name: str) -> Iterator[Table]:
        """The tables of a list."""
        value = self._take(name)
        if isinstance(value, list) and all(isinstance(one, dict) for one in value):
            for n, one in enumerate(value, 1):
                yield self._inner("", one, key=f"{self._named(name)}[{n}]")
        elif value is not None:
            self._must(name, "a list of tables", value)

    def flat(self) -> Mapping[str, object]:
        """What wasn't asked for, by dotted key."""
        left = {name: one for name, one in self._entries.items() if name not in self._known}
        self._known += left
        return dict(_flat(left))

    def done(self) -> None:
        """Tell of what nobody asked for."""
        for name in self._entries:
            if name not in self._known:
                guess = nearest(name, self._known)
                known = ", ".join(self._known)
                self.say(
                    name, "is unknown", f"Did you mean {guess}?" if guess else f"Known: {known}."
                )

    def _take(self, name: str) -> object:
        self._known.append(name)
        return self._entries.get(name)

    def _inner(self, name: str, entries: Mapping[str, object], *, key: str = "") -> Table:
        key = key or self._named(name)
        return Table(entries, self._file, self._lines, key=key, troubles=self.troubles)

    def _named(self, name: str) -> str:
        return ".".join(part for part in (self.key, name) if part)

    def _must(self, name: str, what: str, value: object) -> None:
        seen = {str: "a text", bool: "true or false", list: "a list", dict: "a table"}
        shown = seen.get(type(value), str(value))
        self.say(name, f"must be {what}, not {shown}")


def _flat(table: Mapping[str, object], before: str = "") -> Iterator[tuple[str, object]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value
