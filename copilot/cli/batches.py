"""NDJSON in: the lines of ``--batch``, each a question or the error that it deserves.

Invariant: one line in gives one item out, in order; a bad line never stops the rest.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from copilot.errors import CopilotError, NotFoundError, UsageError
from copilot.messages import Role, SearchFilter, Turn

_ROLES: Mapping[str, Role] = {
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "agent": "assistant",
    "bot": "assistant",
    "model": "assistant",
}
_FILTERS = ("path", "document_id", "source", "modified_after")


@dataclass(frozen=True, slots=True)
class BatchFilters:
    """What a line narrows its search by; empty fields narrow nothing."""

    path: str = ""
    document_id: str = ""
    source: str = ""
    modified_after: datetime | None = None

    def narrow(self, where: SearchFilter) -> SearchFilter:
        """``where`` with these filters put on top; never wider than before.

        Raises UsageError when the line asks for a path outside of where the batch may look.
        """
        path = os.path.abspath(self.path) if self.path else where.path_prefix  # noqa: PTH100
        if not path.startswith(where.path_prefix):
            raise UsageError(
                f"the line's path {path} is outside of {where.path_prefix}",
                hint="leave out --path, or the line's filter",
            )
        if self.source and where.source not in ("", self.source):
            raise UsageError(
                f"the line's source {self.source} is not {where.source}",
                hint="leave out --source, or the line's filter",
            )
        return replace(
            where,
            path_prefix=path,
            document_id=self.document_id or where.document_id,
            source=self.source or where.source,
            modified_after=self.modified_after or where.modified_after,
        )


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One question. ``id`` is the line's own, whatever JSON value it was."""

    id: Any
    question: str
    history: tuple[Turn, ...]
    filters: BatchFilters


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that isn't a question; ``id`` is None unless it could be read."""

    id: Any
    error: CopilotError


def read_batch(name: str) -> Iterator[BatchLine | BadLine]:
    """The lines of a file, or of stdin for ``-``. Raises NotFoundError when it can't be opened."""
    if name == "-":
        yield from _lines(sys.stdin.buffer)
        return
    try:
        with Path(name).open("rb") as handle:
            yield from _lines(handle)
    except OSError as error:
        raise NotFoundError(
            f"{name} can't be read: {error.strerror}", hint="give a file of JSON lines, or -"
        ) from error


def _lines(handle: BinaryIO) -> Iterator[BatchLine | BadLine]:
    for number, line in enumerate(handle, start=1):
        if line.strip():
            yield _parse(line.decode("utf-8", errors="replace"), number)


def _parse(line: str, number: int) -> BatchLine | BadLine:
    try:
        data = json.loads(line, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        return BadLine(None, UsageError(f"line {number} is not JSON: {error}"))
    if not isinstance(data, dict):
        return BadLine(None, UsageError(f"line {number} is not a JSON object"))
    line_id = data.get("id", number)
    try:
        return BatchLine(
            id=line_id,
            question=_question(data),
            history=_history(data.get("history")),
            filters=_filters(data.get("filters")),
        )
    except UsageError as error:
        return BadLine(line_id, UsageError(f"line {number}: {error.message}", hint=error.hint))


def _no_constant(name: str) -> None:
    """NaN and Infinity are Python's, not JSON's; as an id they would break our own output."""
    raise ValueError(f"{name} is not JSON")


def _question(data: Mapping[str, Any]) -> str:
    question = data.get("question", data.get("query", data.get("text")))
    if not isinstance(question, str) or not question.strip():
        raise UsageError("no question", hint='{"id": "1", "question": "How do I …?"}')
    # Half a character ("\ud800") is valid JSON, and nothing that a tokenizer takes.
    return question.encode("utf-8", "replace").decode()


def _history(data: object) -> tuple[Turn, ...]:
    if data is None:
        return ()
    if not isinstance(data, list):
        raise UsageError("history is not a list", hint='[{"role": "user", "text": "…"}]')
    turns = []
    for turn in data:
        role = _ROLES.get(str(turn.get("role"))) if isinstance(turn, dict) else None
        text = turn.get("text", turn.get("content")) if isinstance(turn, dict) else None
        if role is None or not isinstance(text, str):
            raise UsageError("a turn of history needs role (user, assistant) and text")
        turns.append(Turn(role, text))
    return tuple(turns)


def _filters(data: object) -> BatchFilters:
    if data is None:
        return BatchFilters()
    if not isinstance(data, dict) or not all(isinstance(v, str) for v in data.values()):
        raise UsageError("filters is not an object of strings")
    unknown = sorted(set(data) - set(_FILTERS))
    if unknown:
        raise UsageError(f"unknown filter {unknown[0]}", hint=f"known: {', '.join(_FILTERS)}")
    after = data.get("modified_after")
    return BatchFilters(
        path=data.get("path", ""),
        document_id=data.get("document_id", ""),
        source=data.get("source", ""),
        modified_after=_moment(after) if after else None,
    )


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"modified_after is not an ISO 8601 date: {text}") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
