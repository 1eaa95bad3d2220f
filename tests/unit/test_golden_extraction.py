"""The golden inputs for extraction: each record fits its schema, each quote stands in its text."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.corpora import REPOSITORY

FOLDER = REPOSITORY / "data" / "golden" / "extraction"
SCHEMAS = REPOSITORY / "data" / "schemas"
SUPPORT = ("ticket", "incident", "feature_request")
CRM = ("crm_contact", "crm_deal", "meeting")


def rows() -> list[dict[str, Any]]:
    """Each text, with the file that holds the names it is read with."""
    return [
        {**json.loads(line), "named_in": path.stem if own.exists() else "gazetteer"}
        for path in sorted(FOLDER.glob("*.jsonl"))
        for own in (path.with_suffix(".toml"),)
        for line in path.read_text("utf-8").splitlines()
    ]


@cache
def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SCHEMAS / f"{name}.json").read_text("utf-8"))
    return found


@cache
def names(table: str, file: str) -> set[str]:
    return set(tomllib.loads((FOLDER / f"{file}.toml").read_text("utf-8"))[table])


def stated(field: Any) -> list[dict[str, Any]]:
    """The values of a field, each with its quote."""
    return field if isinstance(field, list) else [field] if field is not None else []


def plain(field: Any) -> Any:
    if isinstance(field, list):
        return [one["value"] for one in field]
    return None if field is None else field["value"]


@pytest.mark.parametrize("path", sorted(SCHEMAS.glob("*.json")), ids=lambda path: path.stem)
def test_a_schema_is_one_and_lets_every_field_be_unknown(path: Path) -> None:
    told = schema(path.stem)
    jsonschema.Draft202012Validator.check_schema(told)
    assert told["required"] == list(told["properties"])
    empty = {
        name: [] if part["type"] == "array" else None for name, part in told["properties"].items()
    }
    jsonschema.validate(empty, told)


@pytest.mark.parametrize("row", rows(), ids=lambda row: str(row["id"]))
def test_a_golden_record_fits_its_schema_and_quotes_its_text(row: dict[str, Any]) -> None:
    told, text = schema(row["schema"]), row["text"]
    assert row["records"]
    assert len(row["records"]) == 1 or told["x-many"]
    for record in row["records"]:
        assert list(record) == list(told["properties"])
        values = {name: plain(field) for name, field in record.items()}
        checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
        jsonschema.validate(values, told, format_checker=checker)
        for field in record.values():
            for one in stated(field):
                assert set(one) <= {"value", "quote", "alternatives"}
                assert one["quote"] and one["quote"] in text
        for name, part in told["properties"].items():
            if part["x-role"] in ("product", "component", "competitor") and record[name]:
                tables = (f"{part['x-role']}s", "plans", "components")
                allowed = {one for table in tables for one in names(table, row["named_in"])}
                assert values[name] in allowed


def test_there_are_enough_of_each_kind_and_no_two_alike() -> None:
    found = rows()
    kinds = Counter(row["schema"] for row in found)
    assert sum(kinds[name] for name in SUPPORT) >= 60
    assert sum(kinds[name] for name in CRM) >= 30
    assert all(kinds[name] for name in (*SUPPORT, *CRM))
    assert {row["language"] for row in found} == {"en", "de", "fr", "es"}
    assert max(Counter(row["id"] for row in found).values()) == 1
    assert max(Counter(row["text"] for row in found).values()) == 1
    styles = Counter(row["style"] for row in found)
    assert min(styles[name] for name in ("thread", "forward", "transcript", "stack_trace")) >= 4
    assert sum(len(row["records"]) > 1 for row in found) >= 8
