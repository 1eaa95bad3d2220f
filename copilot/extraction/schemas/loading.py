"""Finds the schema that a person named: a shipped one, a file, a class, or one line.

Invariant: somebody's module is imported only for ``module:Class``; nothing is fetched; whatever
can't be had is a SchemaError that names it and the remedy.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import cast

from copilot.errors import SchemaError
from copilot.extracted import Json
from copilot.extraction.schemas import lines
from copilot.extraction.schemas.flattening import fields_of
from copilot.extraction.schemas.refusals import refusal
from copilot.extraction.schemas.resolving import resolve
from copilot.schemas import Check, RecordClass, Schema

MOST_BYTES = 1_000_000
_CLASS = re.compile(r"(?P<module>[^\W\d]\w*(?:\.[^\W\d]\w*)*):(?P<class>[^\W\d]\w*)")
_WAYS = (
    "name a shipped schema, a JSON Schema file, a Pydantic class as module:Class, "
    'or a one-line form: "name, email, due: date?"'
)
CheckOf = Callable[[Mapping[str, Json], str], Check]
ClassOf = Callable[[str, str], RecordClass]


def load_schema(asked: str, *, shipped: Path, check_of: CheckOf, class_of: ClassOf) -> Schema:
    """The schema that ``asked`` names; SchemaError if there is none or it can't be filled.

    ``shipped``: the folder of ours. ``check_of`` makes the check of a JSON Schema, given its name
    for errors; ``class_of`` imports a class by module and name. Both are the adapters'.
    """
    asked = asked.strip()
    if not asked:
        raise SchemaError("no schema is named", hint=_WAYS)
    names = sorted(path.stem for path in shipped.glob("*.json"))
    if asked in names:
        return _of_document(_read(shipped / f"{asked}.json"), name=asked, check_of=check_of)
    if _is_path(asked):
        path = Path(asked).expanduser()
        return _of_document(_read(path), name=path.stem, check_of=check_of)
    found = _CLASS.fullmatch(asked)
    if found and found["class"] not in lines.TYPES:
        return _of_class(class_of(found["module"], found["class"]))
    if any(mark in asked for mark in ",:?|"):
        return _of_document(lines.read_line(asked), name=lines.NAME, check_of=check_of)
    near = get_close_matches(asked.lower(), names, n=1)
    raise SchemaError(
        f"there is no schema {asked[:80]!r}",
        hint=f"did you mean {near[0]}? {_ours(names)}" if near else f"{_ours(names)}; {_WAYS}",
    )


def schema_of(document: Mapping[str, Json], *, name: str, check: Check | None = None) -> Schema:
    """A schema from a JSON Schema at hand, without its check if none is given."""
    plain = resolve(document, name=name)
    many, version = document.get("x-many", False), document.get("x-version")
    if not isinstance(many, bool):
        raise refusal(name, "", "x-many is neither true nor false", hint="write true or false")
    if version is not None and not (isinstance(version, str) and 1 <= len(version) <= 64):
        raise refusal(name, "", "x-version is no text", hint='write "x-version": "1"')
    description = plain.get("description")
    return Schema(
        name=name,
        version=version or _digest(plain),
        fields=fields_of(plain, name=name),
        json_schema=plain,
        description=description if isinstance(description, str) else "",
        many=many,
        **({} if check is None else {"check": check}),
    )


def _of_document(document: Mapping[str, Json], *, name: str, check_of: CheckOf) -> Schema:
    schema = schema_of(document, name=name)
    return schema_of(document, name=name, check=check_of(schema.json_schema, name))


def _of_class(found: RecordClass) -> Schema:
    return schema_of(found.json_schema, name=found.name, check=found.check)


def _is_path(asked: str) -> bool:
    if asked.lower().endswith(".json") or asked.startswith(("/", "./", "../", "~")):
        return True
    if len(asked) > 1_000 or "\0" in asked:
        return False
    try:
        return Path(asked).is_file()
    except OSError:
        return False


def _read(path: Path) -> Mapping[str, Json]:
    """The JSON object of a file. A name that an object says twice is refused."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise SchemaError(f"there is no schema file {path}", hint=_WAYS) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise SchemaError(
            f"{path}: can't be read: {reason}", hint="check its path and its permissions"
        ) from error
    if len(content) > MOST_BYTES:
        raise SchemaError(
            f"{path}: larger than {MOST_BYTES // 1_000_000} MB",
            hint="a schema describes a record, it doesn't hold any",
        )
    try:
        document = json.loads(
            content.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_no_number
        )
    except RecursionError:
        raise SchemaError(f"{path}: nested too deeply", hint="make it flatter") from None
    except ValueError as error:
        raise SchemaError(
            f"{path}: not JSON: {error}", hint="a schema file holds one JSON Schema, in UTF-8"
        ) from error
    if not isinstance(document, dict):
        raise SchemaError(
            f"{path}: not a JSON Schema but a {type(document).__name__}",
            hint='it is an object: {"type": "object", "properties": {…}}',
        )
    return cast("Mapping[str, Json]", document)


def _once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"{key[:80]!r} is said twice in one object")
        found[key] = value
    return found


def _no_number(constant: str) -> Json:
    raise ValueError(f"{constant} is no JSON")


def _digest(plain: Mapping[str, Json]) -> str:
    canonical = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _ours(names: list[str]) -> str:
    return f"shipped are {', '.join(names)}" if names else "none is shipped here"
