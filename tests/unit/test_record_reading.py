"""Records as they were printed, read back."""

from __future__ import annotations

import json

import pytest

from copilot.cli.record_reading import records_in
from copilot.errors import UsageError

LINE = {"schema": "ticket", "schema_version": "1", "record": {"title": "A"}, "fields": {}}


@pytest.mark.parametrize("inside", ["\u2028", "\u0085", "\x0c", "\u2029", "\x1d"])
def test_lines_end_at_line_feeds_alone(inside: str) -> None:
    lines = [{**LINE, "record": {"title": f"A{inside}B"}}, LINE]
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines) + "\n \n"
    titles = [one.record["title"] for one in records_in(text, name="in")]
    assert titles == [f"A{inside}B", "A"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "in is empty"),
        ("\n \n", "in is empty"),
        ("x", "in:1 is no JSON"),
        ('{"schema": "ticket"}', "in:1 is no record: KeyError 'record'"),
        (f"{json.dumps(LINE)}\n\n[1]\n", "in:3 is no record"),
    ],
)
def test_what_is_no_record_is_named_by_its_line(text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        list(records_in(text, name="in"))
