"""The settings in force, and for each of them where its value came from.

Command line over environment over an active release over the project's file (once it is trusted)
over the user's file over the defaults. Invariant: nothing is ignored in silence: every wrong key or
value is named with its place, and an untrusted project file is a warning.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from copilot.config.deciding import deciding
from copilot.config.fields import leaves, nearest, section_model, sections
from copilot.config.layers import (
    Given,
    Layer,
    Problem,
    from_environment,
    from_file,
    from_overrides,
    printable,
    read_content,
)
from copilot.config.model_names import wrong_names
from copilot.config.models import DeploymentSettings, HardQuestions, ModelPrice, RouteSettings
from copilot.config.paths import Paths
from copilot.config.pinned import LEAVE, Pinned, instead, pinned
from copilot.config.pinned import layer as of_release
from copilot.config.records import MEANT, FieldRule, SinkSettings
from copilot.config.schema import AlertRule, Settings
from copilot.config.sections import Section
from copilot.config.trust import is_trusted
from copilot.errors import ConfigError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

USER_FILE = "user file"
PROJECT_FILE = "project file"
# What a value must be, by what pydantic says of one that isn't.
_PLAIN = {
    "string_type": "a text in quotes",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "tuple_type": "a list of texts",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "string_pattern_mismatch": "a period such as 30m, 12h, 7d or 4w",
}

_TABLES: Mapping[str, type[Section]] = {
    "alerts.rules": AlertRule,
    "models.prices": ModelPrice,
    "models.routes": RouteSettings,
    "models.at": DeploymentSettings,
    "actions.sinks": SinkSettings,
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """``provenance`` has an entry for every setting, by dotted key, such as ``search.limit``.

    ``release``: the id of the one that is active, if one is.
    """

    settings: Settings
    provenance: Mapping[str, str]
    warnings: tuple[str, ...] = ()
    release: str = ""


@dataclass(frozen=True, slots=True)
class Inspection:
    """What loading found: the settings when there are no problems, else None."""

    settings: Settings | None
    provenance: Mapping[str, str]
    warnings: tuple[str, ...]
    problems: tuple[Problem, ...]
    release: str = ""


def load(
    paths: Paths, env: Mapping[str, str], *, overrides: Mapping[str, object] | None = None
) -> Loaded:
    """The settings in force. ``overrides`` are nested like the file, typed, never text to parse.

    Raises ConfigError, which names the first problem and counts the others.
    """
    found = inspect(paths, env, overrides=overrides)
    if found.settings is None:
        raise as_error(found.problems)
    return Loaded(found.settings, found.provenance, found.warnings, found.release)


def inspect(
    paths: Paths,
    env: Mapping[str, str],
    *,
    overrides: Mapping[str, object] | None = None,
    released: bool = True,
) -> Inspection:
    """Like ``load``, but every problem is returned and none is raised.

    Not ``released``: as if no release were active.
    """
    project, warnings = _project_layer(paths)
    files = [_file_layer(paths.config_file, USER_FILE), project]
    above = [from_environment(env), from_overrides(overrides or {})]
    pin = pinned(paths) if released else None
    if pin is None:
        return _named(_validated([*files, *above], warnings))
    if isinstance(pin, Problem):
        return _validated([*files, Layer(problems=(pin,)), *above], warnings)
    told = _overruled(_validated(files, ()), pin)
    found = _validated([*files, of_release(pin), *above], (*warnings, *told))
    return replace(_named(found), release=pin.id)


def inspect_release(pin: Pinned) -> Inspection:
    """What a release says by itself, over the defaults."""
    return _validated([of_release(pin)], ())


def _overruled(files: Inspection, pin: Pinned) -> list[str]:
    """What is told where the files say something else than the active release."""
    if files.settings is None:
        return []
    said = deciding(files.settings)
    keys = [key for key, value in said.items() if pin.settings.get(key, value) != value]
    if not keys:
        return []
    more = f" and {len(keys) - 3} more" if len(keys) > 3 else ""
    named = ", ".join(keys[:3]) + more
    return [f"release {pin.id} is active, so files don't decide {named}; {LEAVE}"]


def inspect_file(file: Path) -> Inspection:
    """What one file says by itself, over the defaults; a missing file is a problem."""
    return inspect_content(file)[1]


def inspect_content(file: Path) -> tuple[bytes, Inspection]:
    """Like ``inspect_file``, with the very bytes that were judged."""
    content = read_content(file)
    if isinstance(content, bytes):
        return content, inspect_bytes(file, content)
    if content is None:
        hint = "`copilot config init` writes one with every setting explained."
        content = Problem(f"{file} does not exist.", hint)
    return b"", Inspection(None, {}, (), (content,))


def inspect_bytes(file: Path, content: bytes) -> Inspection:
    """What a file says by itself if it holds ``content``."""
    return _named(_validated([from_file(file, content, called="file")], ()), alone=True)


def inspect_tables(tables: Mapping[str, Mapping[str, object]]) -> Inspection:
    """What nested tables say by themselves, over the defaults, as a file with them would."""
    return _validated([from_overrides(tables)], ())


def as_error(problems: Sequence[Problem]) -> ConfigError:
    """The first problem as an error; the rest is counted and left to ``config check``."""
    first, *others = problems
    more = f" ({len(others)} more: `copilot config check`)" if others else ""
    return ConfigError(first.message + more, hint=first.hint)


def _file_layer(file: Path, called: str) -> Layer:
    content = read_content(file)
    if content is None:
        return Layer()
    if isinstance(content, Problem):
        return Layer(problems=(content,))
    return from_file(file, content, called=called)


def _project_layer(paths: Paths) -> tuple[Layer, tuple[str, ...]]:
    file = paths.project_config
    if file is None:
        return Layer(), ()
    content = read_content(file)
    if content is None:
        return Layer(), ()
    if isinstance(content, Problem):
        return Layer(), (f"{content.message} The project's settings are ignored.",)
    if is_trusted(paths, file, content):
        return from_file(file, content, called=PROJECT_FILE), ()
    warning = f"{file} is ignored: read it, then `copilot config trust` if it should count."
    return Layer(), (warning,)


def _validated(layers: Sequence[Layer], warnings: tuple[str, ...]) -> Inspection:
    from pydantic import ValidationError

    problems = [problem for layer in layers for problem in layer.problems]
    given = _merged(layers)
    tables: dict[str, dict[str, object]] = {}
    for key, entry in given.items():
        section, _, name = key.partition(".")
        tables.setdefault(section, {})[name] = entry.value
    provenance = {key: given[key].origin if key in given else "default" for key in leaves()}
    settings: Settings | None = None
    try:
        # Strict, through JSON: "5" is no number and 1 is no yes, but a list may be a tuple.
        settings = Settings.model_validate_json(json.dumps(tables, default=_opaque), strict=True)
    except ValidationError as error:
        problems += [_explain(details, given) for details in error.errors(include_url=False)]
    except RecursionError:
        problems.append(Problem("A setting is nested too deeply to be read."))
    if problems:
        settings = None
    return Inspection(settings, provenance, warnings, tuple(problems))


def _named(found: Inspection, *, alone: bool = False) -> Inspection:
    """With the names of models that can't be one as problems; ``alone``: others may add to it."""
    if found.settings is None:
        return found
    problems = [
        Problem(f"{found.provenance[_leaf(one.key)]}: {printable(one.key)} {one.what}.", one.hint)
        for one in wrong_names(found.settings, alone=alone)
    ]
    return replace(found, settings=None, problems=tuple(problems)) if problems else found


def _leaf(key: str) -> str:
    return ".".join(key.split(".")[:2])


def _merged(layers: Sequence[Layer]) -> dict[str, Given]:
    """Later layers win key by key; a table such as ``models.prices`` is merged, not replaced."""
    merged: dict[str, Given] = {}
    for layer in layers:
        for key, entry in layer.values.items():
            before = merged.get(key)
            if layer.instead:
                value = instead(key, before.value if before else None, entry.value)
                merged[key] = Given(value, entry.origin)
            elif (
                before is not None
                and isinstance(before.value, Mapping)
                and isinstance(entry.value, Mapping)
            ):
                both = {**before.value, **entry.value}
                merged[key] = Given(both, f"{before.origin}, {entry.origin}")
            else:
                merged[key] = entry
    return merged


def _opaque(value: object) -> object:
    """TOML dates have no JSON form: an object of this shape fits no setting."""
    return {"date": str(value)}


# --- explaining ------------------------------------------------------------------------


def _explain(details: ErrorDetails, given: Mapping[str, Given]) -> Problem:
    path = [str(part) for part in details["loc"] if part not in MEANT]
    key = ".".join(path[:2])
    shown = printable(".".join(path))
    origin = given[key].origin if key in given else "configuration"
    if details["type"] == "extra_forbidden":
        valid = _names_below(path) if len(path) > 2 else _names_in(path[0])
        guess = nearest(path[-1], valid)
        hint = f"Did you mean {guess}?" if guess else f"Known: {', '.join(valid)}."
        return Problem(f"{origin}: there is no setting {shown}.", hint)
    if details["type"] == "too_short":
        return Problem(f"{origin}: {shown} is empty.")
    if details["type"] == "missing":
        return Problem(f"{origin}: {shown} is missing.")
    if details["type"] == "value_error":
        return Problem(f"{origin}: {shown} {details['ctx']['error']}.")
    problem = f"{origin}: {shown} must be {_expected(details, key)}, not {_seen(details)}."
    if details["type"] == "literal_error" and isinstance(details["input"], str):
        guess = nearest(details["input"], re.findall(r"'(\w+)'", details["ctx"]["expected"]))
        return Problem(problem, f"Did you mean {guess}?" if guess else "")
    return Problem(problem)


def _names_in(section: str) -> list[str]:
    return list(section_model(section).model_fields) if section in sections() else list(sections())


def _names_below(path: Sequence[str]) -> list[str]:
    """What may stand in a table of a setting that holds tables."""
    inner = _TABLES[".".join(path[:2])]
    if inner is SinkSettings and len(path) > 4:
        inner = FieldRule
    if inner is RouteSettings and len(path) > 4:
        inner = HardQuestions
    return [field.alias or name for name, field in inner.model_fields.items()]


def _expected(details: ErrorDetails, key: str) -> str:
    context = details.get("ctx", {})
    match details["type"]:
        case "greater_than_equal":
            return f"at least {context['ge']}"
        case "greater_than":
            return f"more than {context['gt']}"
        case "less_than_equal":
            return f"at most {context['le']}"
        case "less_than":
            return f"less than {context['lt']}"
        case "literal_error":
            return f"one of {context['expected']}".replace(" or ", ", ").replace("'", "")
        case plain if plain in _PLAIN:
            return _PLAIN[plain]
        case _:
            kind = leaves()[key].kind if key in leaves() else "table"
            return "a number" if len(details["loc"]) > 2 and kind == "table" else f"a {kind}"


def _seen(details: ErrorDetails) -> str:
    value = details["input"]
    match value:
        case {"date": str()}:
            return "a date"
        case bool():
            return "true" if value else "false"
        case str():
            cut = value if len(value) <= 40 else f"{value[:40]}…"
            return f"the text {json.dumps(cut, ensure_ascii=not cut.isprintable())}"
        case list():
            return "a list"
        case dict():
            return "a table"
        case _:
            return str(value)
