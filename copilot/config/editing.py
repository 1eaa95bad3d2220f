"""Changes one setting in the text of a configuration file, and lets all else stand as it stood.

Invariant: what the file means afterwards is what it meant before and the one change, or nothing is
changed: the new text is read and compared. Comments, order, blank lines, line ends and a byte order
mark stay, but for comments within a value that is replaced. (tomlkit keeps those as well, but
writes a new setting at the end of its table, behind the comment that introduces the next one.)
"""

from __future__ import annotations

import copy
import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from copilot.config.example import toml
from copilot.errors import ConfigError

_KEY = re.compile(r"""^\s*((?:[^\s"'=#\[\]]+|"(?:[^"\\]|\\.)*"|'[^']*'|\s*\.\s*|\s+)+?)\s*=""")
_HEADER = re.compile(r"^\s*\[(?!\[)(.+)\]\s*(?:#.*)?$")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_BYTE_ORDER_MARK = "\ufeff"
Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Statement:
    """Lines ``start`` to ``end``: a table's header, or a key with its value."""

    path: Names
    start: int
    end: int
    is_header: bool


def changed(text: str, path: Names, value: object | None) -> str:
    """``text`` with the setting at ``path`` given ``value``; None takes it out.

    Raises ConfigError where the file is written in a way that only a person can change.
    """
    if text.startswith(_BYTE_ORDER_MARK):
        return _BYTE_ORDER_MARK + changed(text.removeprefix(_BYTE_ORDER_MARK), path, value)
    try:
        wanted = _meant(tomllib.loads(text), path, value)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            "The configuration file is not valid TOML, so nothing is changed in it.",
            hint="`copilot config check` says where.",
        ) from error
    lines = text.splitlines(keepends=True)
    newline = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    try:
        edited = "".join(_edited(lines, path, value, newline))
        if _full(tomllib.loads(edited)) == _full(wanted):
            return edited
    except tomllib.TOMLDecodeError:
        pass
    raise _by_hand(path)


def _by_hand(path: Names) -> ConfigError:
    return ConfigError(
        f"{'.'.join(path)} stands in the file in a way that can't be changed from here.",
        hint="Change it there by hand: `copilot config path` says where the file is.",
    )


def _meant(tables: dict[str, Any], path: Names, value: object | None) -> dict[str, Any]:
    meant = copy.deepcopy(tables)
    inner = meant
    for name in path[:-1]:
        inner = inner.setdefault(name, {})
        if not isinstance(inner, dict):
            raise _by_hand(path)
    if value is None:
        inner.pop(path[-1], None)
    else:
        inner[path[-1]] = tomllib.loads(f"value = {toml(value)}")["value"]
    return meant


def _full(tables: dict[str, Any]) -> dict[str, Any]:
    """Without tables that hold nothing: one more or less of them sets nothing."""
    told = {name: _full(one) if isinstance(one, dict) else one for name, one in tables.items()}
    return {name: one for name, one in told.items() if one != {}}


def _edited(lines: list[str], path: Names, value: object | None, newline: str) -> Sequence[str]:
    statements = _statements(lines)
    for one in statements:
        if not one.is_header and one.path == path:
            kept = [] if value is None else [_again(lines[one.start : one.end], value, newline)]
            return [*lines[: one.start], *kept, *lines[one.end :]]
    for one in statements:  # in a table that is written on a line
        if not one.is_header and one.path == path[: len(one.path)]:
            table = _value(lines[one.start : one.end])
            whole = _meant(table, path[len(one.path) :], value)
            again = _again(lines[one.start : one.end], whole, newline)
            return [*lines[: one.start], again, *lines[one.end :]]
    if value is None:
        return lines
    line = f"{_written(path[-1])} = {toml(value)}{newline}"
    for one in statements:
        if one.is_header and one.path == path[:-1]:
            return _inserted(lines, statements, one, line, path[-1])
    if lines and not lines[-1].endswith("\n"):
        lines = [*lines[:-1], lines[-1] + newline]
    gap = [newline] if lines else []
    header = f"[{'.'.join(map(_written, path[:-1]))}]{newline}"
    return [*lines, *gap, header, line]


def _inserted(
    lines: list[str], statements: Sequence[_Statement], table: _Statement, line: str, name: str
) -> Sequence[str]:
    """Below the line that shows the setting commented out, else at the table's end."""
    after = [one.start for one in statements if one.is_header and one.start > table.start]
    end = min(after, default=len(lines))
    last = max(one.end for one in statements if one.start < end)
    at = next(
        (n + 1 for n in range(table.end, end) if re.match(rf"#\s?{re.escape(name)}\s*=", lines[n])),
        last,
    )
    before = lines[:at]
    if before and not before[-1].endswith("\n"):
        before[-1] += "\n"
    return [*before, line, *lines[at:]]


def _statements(lines: Sequence[str]) -> list[_Statement]:
    found: list[_Statement] = []
    table: Names = ()
    at = 0
    while at < len(lines):
        header, key = _HEADER.match(lines[at]), _KEY.match(lines[at])
        if header:
            table = _names(f"[{header[1]}]")
            found.append(_Statement(table, at, at + 1, is_header=True))
            at += 1
        elif key and not lines[at].lstrip().startswith(("#", "[")):
            end = _end(lines, at)
            path = (*table, *_names(f"{key[1]} = 0"))
            found.append(_Statement(path, at, end, is_header=False))
            at = end
        else:
            at += 1
    return found


def _end(lines: Sequence[str], start: int) -> int:
    """Where the value that begins on a line ends: texts and lists may take several lines."""
    for end in range(start + 1, len(lines) + 1):
        try:
            tomllib.loads("".join(lines[start:end]))
        except tomllib.TOMLDecodeError:
            continue
        return end
    return start + 1


def _names(statement: str) -> Names:
    """The names of a dotted key, as TOML reads them."""
    inner: Any = tomllib.loads(statement)
    names: list[str] = []
    while isinstance(inner, dict) and inner:
        [(name, inner)] = inner.items()
        names.append(name)
    return tuple(names)


def _value(lines: Sequence[str]) -> Any:
    inner: Any = tomllib.loads("".join(lines))
    key = _KEY.match(lines[0])
    assert key is not None
    for name in _names(f"{key[1]} = 0"):
        inner = inner[name]
    return inner


def _again(lines: Sequence[str], value: object, newline: str) -> str:
    """The same key with another value; a comment behind it stays."""
    key = _KEY.match(lines[0])
    assert key is not None
    comment = _comment(lines[0], _value(lines)) if len(lines) == 1 else ""
    end = newline if lines[-1].endswith("\n") else ""
    return f"{key[0]} {toml(value)}{comment}{end}"


def _comment(line: str, value: object) -> str:
    for found in re.finditer(r"\s+#", line):
        try:
            if _value([line[: found.start()]]) == value:
                return line[found.start() :].rstrip("\r\n")
        except tomllib.TOMLDecodeError:
            continue
    return ""


def _written(name: str) -> str:
    return name if _BARE.fullmatch(name) else json.dumps(name, ensure_ascii=False)
