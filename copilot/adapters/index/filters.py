"""Turns a SearchFilter into the SQL that LanceDB runs before it ranks anything.

Invariant: every value is quoted, so no text can end its literal, and the labels are always
part of the filter: a passage with labels is seen by its groups and by nobody else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from copilot.messages import Passage, SearchFilter
from copilot.places import is_within

# ``access`` holds the labels behind "=", or this alone: no label can be spelled like it.
EVERYONE = "*"


def access_of(labels: Iterable[str]) -> list[str]:
    """What stands in the ``access`` column of a passage with these labels."""
    return [f"={label}" for label in labels] or [EVERYONE]


def quoted(text: str) -> str:
    """A SQL string literal. Backslashes are plain characters in DataFusion's SQL."""
    return "'" + text.replace("'", "''") + "'"


def one_of(column: str, values: Iterable[str]) -> str:
    return f"{column} IN ({', '.join(map(quoted, values))})"


def clause(where: SearchFilter) -> str:
    """The condition for ``where``; never empty."""
    seen_by = ", ".join(quoted(tag) for tag in [EVERYONE, *access_tags(where)])
    parts = [f"array_has_any(access, [{seen_by}])"]
    if where.path_prefix:
        parts.append(f"starts_with(path, {quoted(where.path_prefix)})")
    if where.paths:
        parts.append(f"({' OR '.join(map(_at_or_below, where.paths))})")
    if where.document_id:
        parts.append(f"document_id = {quoted(where.document_id)}")
    if where.source:
        parts.append(f"source = {quoted(where.source)}")
    if where.modified_after is not None:
        parts.append(f"modified_at >= {_timestamp(where.modified_after)}")
    return " AND ".join(parts)


def access_tags(where: SearchFilter) -> list[str]:
    return [f"={label}" for label in where.principal.labels]


def admission(where: SearchFilter) -> Callable[[Passage], bool]:
    """The same condition for passages in hand."""
    labels, after = frozenset(where.principal.labels), where.modified_after

    def allows(passage: Passage) -> bool:
        return (
            (not passage.labels or not labels.isdisjoint(passage.labels))
            and passage.path.startswith(where.path_prefix)
            and is_within(passage.path, where.paths)
            and where.document_id in ("", passage.document_id)
            and where.source in ("", passage.source)
            and (
                after is None or (passage.modified_at is not None and passage.modified_at >= after)
            )
        )

    return allows


def _at_or_below(path: str) -> str:
    below = " OR ".join(f"starts_with(path, {quoted(path + sign)})" for sign in "/#")
    return f"path = {quoted(path)} OR {below}"


def _timestamp(moment: datetime) -> str:
    utc = moment.astimezone(UTC).replace(tzinfo=None)
    return f"timestamp '{utc.isoformat(sep=' ', timespec='microseconds')}'"
