"""Pydantic classes that somebody wrote, as schemas: imported when they were named, and run.

Invariant: whatever their code raises becomes a SchemaError, or an error of the record that it was
given, with the traceback kept as the cause; what it prints goes to stderr.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, cast

from copilot.adapters.schemas.wording import (
    EMPTY,
    EXTRA,
    MISSING,
    in_order,
    not_a,
    shown,
    unbounded,
)
from copilot.errors import SchemaError
from copilot.extracted import FieldError, Json
from copilot.schemas import RecordClass

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic_core import ErrorDetails

_HOW = "write module:Class; modules are looked for in the current folder first"
# Pydantic's own error types to what the value should have been.
_KINDS = {
    "string": "string",
    "int": "integer",
    "float": "number",
    "decimal": "number",
    "bool": "boolean",
    "list": "array",
    "set": "array",
    "tuple": "array",
    "dict": "object",
    "model": "object",
    "date": "date",
    "datetime": "a date and time",
    "time": "a time",
    "timedelta": "duration",
    "url": "uri",
    "uuid": "uuid",
}
_WRONG_KIND = ("_type", "_parsing", "_from_datetime_parsing", "_from_date_parsing", "_from_float")


def record_class(module: str, name: str) -> RecordClass:
    """The Pydantic class ``name`` of a module, which is imported: its code runs.

    Raises SchemaError when there is no such module or class, or it has no JSON Schema.
    """
    from pydantic import BaseModel

    asked = f"{module}:{name}"
    found = getattr(_imported(module), name, None)
    if found is None:
        raise SchemaError(f"{asked}: the module {module} has no {name}", hint=_HOW)
    if not (isinstance(found, type) and issubclass(found, BaseModel)):
        raise SchemaError(
            f"{asked}: {name} is no Pydantic class",
            hint="it derives from pydantic.BaseModel, of Pydantic 2",
        )
    with _theirs(f"{asked}: it has no JSON Schema"):
        schema = found.model_json_schema()
    return RecordClass(name, cast("Mapping[str, Json]", schema), _Check(found, schema))


class _Check:
    """What the class and its validators say of a record."""

    def __init__(self, model: type[BaseModel], schema: Mapping[str, Json]) -> None:
        self._model = model
        self._schema = schema

    def __call__(self, record: Mapping[str, Json]) -> tuple[FieldError, ...]:
        if beyond := list(unbounded(record)):
            return in_order(beyond, self._schema)
        text = json.dumps(record, default=str)
        try:
            with (
                _theirs(f"a validator of {self._model.__name__} failed"),
                redirect_stdout(sys.stderr),
            ):
                return self._said(text, record)
        except SchemaError as error:
            return (FieldError("", error.message),)

    def _said(self, text: str, record: Mapping[str, Json]) -> tuple[FieldError, ...]:
        from pydantic import ValidationError

        try:
            # as JSON: a class that is strict still reads its dates from strings
            self._model.model_validate_json(text)
        except ValidationError as error:
            details = error.errors(include_url=False, include_context=True)
            found = [(_path(one["loc"], record), _told(one)) for one in details]
            return in_order(found, self._schema)
        return ()


def _imported(module: str) -> ModuleType:
    with (
        _current_folder(),
        _theirs(f"the module {module} can't be imported"),
        redirect_stdout(sys.stderr),
    ):
        return importlib.import_module(module)
    raise AssertionError("unreachable")


@contextmanager
def _current_folder() -> Iterator[None]:
    """The current folder stands first, as for ``python -m``; its new files are seen."""
    folder = str(Path.cwd())
    sys.path.insert(0, folder)
    importlib.invalidate_caches()
    try:
        yield
    finally:
        if folder in sys.path:
            sys.path.remove(folder)


@contextmanager
def _theirs(what: str) -> Iterator[None]:
    """Somebody else's code runs here: anything that it raises is told with its last line."""
    try:
        yield
    except SystemExit as stop:
        raise SchemaError(f"{what}: it ends the program", hint=_HOW) from stop
    except Exception as error:
        said = " ".join(str(error).split())[:200]
        raise SchemaError(
            f"{what}: {type(error).__name__}{': ' + said if said else ''}", hint=_HOW
        ) from error


def _path(location: Sequence[int | str], record: Json) -> list[int | str]:
    """The part of Pydantic's location that leads through the record; the rest names types."""
    path: list[int | str] = []
    node = record
    for part in location:
        if isinstance(node, Mapping) and isinstance(part, str):
            path.append(part)
            node = node.get(part)
        elif isinstance(node, list) and isinstance(part, int):
            path.append(part)
            node = node[part] if part < len(node) else None
    return path


def _told(detail: ErrorDetails) -> str:
    kind, value = detail["type"], detail["input"]
    if kind == "missing":
        return MISSING
    if kind == "extra_forbidden":
        return EXTRA
    if kind in ("value_error", "assertion_error"):
        return " ".join(str(detail.get("ctx", {}).get("error") or detail["msg"]).split())[:300]
    if value is None:
        return EMPTY
    if kind in ("enum", "literal_error"):
        return f"{shown(value)} is none of {detail.get('ctx', {}).get('expected', 'its choices')}"
    for ending in _WRONG_KIND:
        if kind.endswith(ending) and (meant := _KINDS.get(kind.removesuffix(ending))):
            return not_a(meant, value)
    message = " ".join(detail["msg"].split())[:200]
    return f"{message[:1].lower()}{message[1:]}: {shown(value)}"
