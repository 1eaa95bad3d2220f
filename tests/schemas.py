"""Schemas as the command line gets them: the real checks behind the extraction room's finder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from copilot.adapters.schemas import json_check, record_class
from copilot.extraction.schemas import load_schema
from copilot.schemas import FieldSpec, Schema
from tests.corpora import REPOSITORY

SHIPPED = REPOSITORY / "data" / "schemas"


def loaded(asked: str) -> Schema:
    return load_schema(asked, shipped=SHIPPED, check_of=json_check, class_of=record_class)


def written(folder: Path, document: Any, *, name: str = "own") -> str:
    """The path of a schema file that holds the document."""
    path = folder / f"{name}.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)


def an_object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def by_name(schema: Schema) -> Mapping[str, FieldSpec]:
    return {spec.name: spec for spec in schema.fields}


def told(schema: Schema, record: Mapping[str, Any]) -> dict[str, str]:
    """What the schema says is wrong, by path."""
    return {error.path: error.message for error in schema.check(record)}
