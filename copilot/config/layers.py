"""One place that settings come from, read into values by dotted key: a file, the environment,
the command line.

Invariant: a layer holds only keys that the schema knows; what it doesn't know, what isn't a
table and what looks like a key to a provider becomes a ``Problem`` that says where it stands.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from copilot.config.fields import Leaf, leaves, nearest, nearest_key, sections
from copilot.config.keyshapes import is_key, is_opaque, names_a_key, provider_of

_LARGEST = 1_000_000  # bytes; a configuration is a few kilobytes
_ENVIRONMENT_PREFIX = "COPILOT_"
_WORDS = {
    **dict.fromkeys(("1", "true", "yes", "on"), True),
    **dict.fromkeys(("0", "false", "no", "off"), False),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, where, in one line, and what to do about it."""

    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """A value as it was given, and by whom (``user file /home/x/config.toml:3``)."""

    value: object
    origin: str


@dataclass(frozen=True, slots=True)
class Layer:
    """The values of one place by dotted key, and what was wrong there.

    ``instead``: its tables stand in place of those before, rather than being merged with them.
    """

    values: Mapping[str, Given] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    instead: bool = False


def read_content(file: Path) -> bytes | Problem | None:
    """The bytes of a configuration file; None when there is no such file."""
    try:
        if file.stat().st_size > _LARGEST:
            return Problem(f"{file} is larger than 1 MB: that is no configuration file.")
        return file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        return Problem(
            f"{file} can't be read: {error.strerror or error}.",
            f"Make it a file that you can read: chmod u+r {file}",
        )


def from_file(file: Path, content: bytes, *, called: str) -> Layer:
    """The layer of a TOML file. ``called`` names its rank, such as ``user file``."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problem = Problem(f"{file}:{line} is not UTF-8.", "Save the file as UTF-8.")
        return Layer(problems=(problem,))
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return Layer(problems=(bad_toml(file, text, str(error)),))
    except RecursionError:
        return Layer(problems=(Problem(f"{file} is nested too deeply to be read."),))
    lines = key_lines(text)

    def origin(key: str) -> str:
        inside = (line for known, line in lines.items() if known.startswith(f"{key}."))
        line = lines.get(key) or next(inside, None) or lines.get(key.rpartition(".")[0])
        return f"{called} {file}:{line}" if line else f"{called} {file}"

    return _from_tables(tables, origin)


def from_environment(env: Mapping[str, str]) -> Layer:
    """The layer of ``COPILOT_SECTION__NAME`` variables.

    Variables without the double underscore belong to others or to other parts of copilot,
    unless they begin like a section's, which is a slip that would otherwise pass unseen.
    """
    values: dict[str, Given] = {}
    problems: list[Problem] = []
    by_variable = {leaf.variable: leaf for leaf in leaves().values()}
    for variable in sorted(env):
        if not _is_setting(variable):
            continue
        leaf = by_variable.get(variable)
        origin = f"environment {variable}"
        if leaf is None:
            problems.append(_unknown_variable(variable, list(by_variable)))
            continue
        raw = env[variable]
        if raw == "" and leaf.kind != "text":
            continue  # as good as unset: compose files and CI pass empty ones
        secret = _secret_problem(leaf.key, raw, origin)
        if secret is not None:
            problems.append(secret)
        else:
            values[leaf.key] = Given(typed(leaf, raw), origin)
    return Layer(values, tuple(problems))


def from_overrides(overrides: Mapping[str, object]) -> Layer:
    """The layer of the command line: nested tables, as a file would give them."""
    return _from_tables(overrides, lambda _key: "command line")


def _from_tables(tables: Mapping[str, object], origin: Callable[[str], str]) -> Layer:
    values: dict[str, Given] = {}
    problems: list[Problem] = []
    for section, table in tables.items():
        if section not in sections():
            problems.append(_unknown_section(section, table, origin(section)))
        elif not isinstance(table, Mapping):
            problems.append(Problem(f"{origin(section)}: {section} must be a table, [{section}]."))
        else:
            for name, value in table.items():
                key = f"{section}.{name}"
                problem = _value_problem(key, value, origin(key))
                if problem is not None:
                    problems.append(problem)
                else:
                    values[key] = Given(value, origin(key))
    return Layer(values, tuple(problems))


def _value_problem(key: str, value: object, origin: str) -> Problem | None:
    if key not in leaves():
        if names_a_key(key.rpartition(".")[2]):
            return _keys_live_elsewhere(key, origin)
        return _unknown(key, origin)
    return _secret_problem(key, value, origin)


def _unknown_section(section: str, table: object, origin: str) -> Problem:
    if not isinstance(table, Mapping):
        if names_a_key(section):
            return _keys_live_elsewhere(section, origin)
        return _unknown(section, origin)
    inner = [str(name) for name in table]
    if any(names_a_key(name) for name in inner):
        return _keys_live_elsewhere(f"{section}.{inner[0]}", origin)
    guess = nearest(section, list(sections()))
    hint = f"Did you mean [{guess}]?" if guess else f"Tables: {', '.join(sections())}."
    return Problem(f"{origin}: there is no table [{printable(section)}].", hint)


def _unknown(key: str, origin: str) -> Problem:
    guess = nearest_key(key)
    hint = f"Did you mean {guess}?" if guess else "`copilot config show` lists every key."
    return Problem(f"{origin}: there is no setting {printable(key)}.", hint)


def _keys_live_elsewhere(key: str, origin: str) -> Problem:
    provider = provider_of(key.rpartition(".")[2])
    return Problem(
        f"{origin}: {printable(key)} would hold a key, and keys don't belong in the configuration.",
        f"Remove it and store the key with `copilot keys set {provider}`.",
    )


def _secret_problem(key: str, value: object, origin: str) -> Problem | None:
    texts = list(_texts(value))
    opaque = any(is_opaque(name) for name in _key_names(key, value))
    if not opaque and not any(is_key(text) for text in texts):
        return None
    return Problem(
        f"{origin}: the value of {key} looks like a key or a password; it is not used.",
        "Remove it and store the key with `copilot keys set NAME`.",
    )


def _key_names(key: str, value: object) -> Iterator[str]:
    """Where the name of a stored key is wanted, and the key itself may be entered."""
    if key == "models.key":
        yield from _texts(value)
    if key == "models.at" and isinstance(value, Mapping):
        for one in value.values():
            if isinstance(one, Mapping):
                yield from _texts(one.get("key"))


def printable(text: str) -> str:
    """``text`` as it is, or escaped when it holds what would break or fake a line."""
    return text if text.isprintable() else json.dumps(text)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield str(name)
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


# --- files -----------------------------------------------------------------------------


def bad_toml(file: Path, text: str, message: str) -> Problem:
    place = re.search(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)", message)
    what = message[: place.start()] if place else message
    line = place.group(1) if place and place.group(1) else str(text.count("\n") + 1)
    return Problem(f"{file}:{line} is not valid TOML: {what}.")


def key_lines(text: str) -> dict[str, int]:
    """Line numbers of tables and keys, by dotted key; the first mention wins.

    tomllib doesn't tell them. A line inside a multi-line string can mislead this, which
    costs a wrong number beside a right file name.
    """
    found: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[\[?([^\]]+)\]", line)
        if header:
            table = re.sub(r"[\"']", "", header.group(1)).strip()
            found.setdefault(table, number)
            continue
        name = re.match(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*[\w-]+)*)\s*=""", line)
        if name:
            bare = re.sub(r"[\s\"']", "", name.group(1))
            found.setdefault(f"{table}.{bare}" if table else bare, number)
    return found


# --- environment -----------------------------------------------------------------------


def _is_setting(variable: str) -> bool:
    if not variable.startswith(_ENVIRONMENT_PREFIX):
        return False
    rest = variable.removeprefix(_ENVIRONMENT_PREFIX)
    if rest.startswith("KEY_"):  # a key for a provider, see adapters/secrets
        return False
    return "__" in rest or rest.partition("_")[0].lower() in sections()


def _unknown_variable(variable: str, valid: list[str]) -> Problem:
    rest = variable.removeprefix(_ENVIRONMENT_PREFIX)
    doubled = _ENVIRONMENT_PREFIX + re.sub("_+", "__", rest, count=1)
    if doubled in valid:
        guess = doubled
    else:
        section, _, name = rest.lower().partition("__")
        key = nearest_key(f"{nearest(section, list(sections())) or section}.{name}")
        guess = leaves()[key].variable if key else ""
    hint = f"Did you mean {guess}?" if guess else "`copilot config show` lists every setting."
    return Problem(f"environment: {variable} is no setting.", hint)


def typed(leaf: Leaf, raw: str) -> object:
    """``raw`` as the setting's type; left as text where it isn't one, for validation to name."""
    text = raw.strip()
    if leaf.optional and text.lower() in ("none", "default"):
        return None
    try:
        match leaf.kind:
            case "yes/no":
                return _WORDS.get(text.lower(), raw)
            case "whole number":
                return int(text)
            case "number":
                return float(text)
            case "list of texts" if not text.startswith("["):
                return [part.strip() for part in text.split(",") if part.strip()]
            case "list of texts" | "table":
                return json.loads(text)
            case "text":
                return raw
    except (ValueError, RecursionError):
        return raw
