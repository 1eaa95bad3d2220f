"""Reads JSON Lines: one document a line, from ``{id, title, text, labels, modified_at, url}``.

Invariant: fragments are unique within a file; a line whose labels can't be understood is left
out and named, never shown to everyone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import ClassVar

from copilot.adapters.readers.base import FileReader, Input, aware
from copilot.adapters.readers.decoding import decode
from copilot.adapters.readers.detecting import Format
from copilot.adapters.readers.labels import is_label_key, stated_labels
from copilot.adapters.readers.markdown import first_heading, markdown_blocks
from copilot.errors import ReadError
from copilot.messages import Block, Locator, ParsedDocument

_SHOWN_WARNINGS = 20


class JsonLinesReader(FileReader):
    """JSON Lines; lines without ``text`` are read as their fields."""

    name = "json lines"
    formats: ClassVar[frozenset[Format]] = frozenset({Format.JSON_LINES})

    def parse(self, source: Input) -> Iterator[ParsedDocument]:
        decoded = decode(source.read(), source.name)
        records = _Records(source.name, warnings=list(decoded.warnings))
        held: ParsedDocument | None = None  # the last one carries the file's warnings
        for number, line in enumerate(decoded.text.split("\n"), start=1):
            document = records.document(number, line) if line.strip() else None
            if document is None:
                continue
            if held is not None:
                yield held
            held = document
        if held is None:
            raise ReadError(
                f"{source.name} has no record that can be read: "
                + (records.warnings[0] if records.warnings else "it is blank"),
                hint='Each line must be a JSON object such as {"id": "1", "text": "…"}.',
            )
        shown = records.warnings[:_SHOWN_WARNINGS]
        if len(records.warnings) > len(shown):
            shown.append(f"{len(records.warnings) - len(shown)} more lines left out")
        yield replace(held, warnings=tuple(shown))


@dataclass(slots=True)
class _Records:
    """The state over one file: which ids were seen, what went wrong."""

    name: str
    warnings: list[str]
    seen: set[str] = field(default_factory=set)

    def document(self, number: int, line: str) -> ParsedDocument | None:
        """The document of one line, or None with a warning."""
        name = f"line {number}"
        try:
            record = json.loads(line, object_pairs_hook=partial(_object, name=name))
            labels = stated_labels(record.items(), name) if isinstance(record, dict) else ()
        except ReadError as error:
            self.warnings.append(error.message)
            return None
        except (ValueError, RecursionError):
            self.warnings.append(f"{name} is not valid JSON")
            return None
        if not isinstance(record, dict):
            self.warnings.append(f"{name} is not a JSON object")
            return None
        blocks = _blocks(record, number)
        if not blocks:
            self.warnings.append(f"{name} holds no text")
            return None
        fragment = self._fragment(record, number)
        title = record.get("title")
        return ParsedDocument(
            title=title.strip()
            if isinstance(title, str) and title.strip()
            else first_heading(blocks),
            blocks=blocks,
            media_type="application/x-ndjson",
            modified_at=aware(record.get("modified_at")),
            labels=labels,
            url=record["url"] if isinstance(record.get("url"), str) else "",
            fragment=fragment,
        )

    def _fragment(self, record: Mapping[str, object], number: int) -> str:
        given = record.get("id")
        fragment = str(given).strip() if isinstance(given, str | int) else ""
        fragment = fragment or f"line-{number}"
        if fragment in self.seen:
            self.warnings.append(f"line {number} repeats the id {fragment!r}")
            fragment = f"{fragment}~{number}"
        self.seen.add(fragment)
        return fragment


def _object(pairs: list[tuple[str, object]], name: str) -> dict[str, object]:
    """A JSON object; of equal keys it would keep the last one only, also of labels."""
    stated_labels(((key, None) for key, _ in pairs), name)
    return dict(pairs)


def _blocks(record: Mapping[str, object], number: int) -> tuple[Block, ...]:
    here = Locator("record", number, number)
    text = record.get("text")
    if isinstance(text, str):
        normal = text.replace("\r\n", "\n").replace("\r", "\n")
        return tuple(replace(block, locator=here) for block in markdown_blocks(normal))
    fields = "; ".join(
        f"{key}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
        for key, value in record.items()
        if value not in (None, "", [], {}) and key != "id" and not is_label_key(key)
    )
    return (Block("paragraph", fields, here),) if fields.strip() else ()
