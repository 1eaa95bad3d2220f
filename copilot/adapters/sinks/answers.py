"""Values out of a sink's answers, which are whatever it sent.

Invariant: a part that isn't there, or isn't what it should be, is empty; but where emptiness would
say that an entry isn't there, ``stated``, ``rows_of`` and ``row_of`` raise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from copilot.adapters.sinks.calling import Answer
from copilot.errors import SinkUnavailableError, SinkUnknownError
from copilot.extracted import Json


def item(value: Json, *path: str) -> Json:
    """What stands at ``path``; None: nothing."""
    for name in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def text(value: Json, *path: str) -> str:
    """The same as text; what is neither text nor number is empty."""
    found = item(value, *path)
    if isinstance(found, str):
        return found
    return str(found) if isinstance(found, int | float) and not isinstance(found, bool) else ""


def items(value: Json, *path: str) -> list[Mapping[str, Json]]:
    """The objects of the list there."""
    found = item(value, *path)
    if not isinstance(found, Sequence) or isinstance(found, str):
        return []
    return [one for one in found if isinstance(one, Mapping)]


def listed(value: Json) -> list[Json]:
    """Several values, one or none, as a list."""
    if value is None:
        return []
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else [value]


def rows_of(answer: Answer, *path: str, sink: str) -> list[Mapping[str, Json]]:
    """The same of an answer that must hold a list. Raises SinkUnavailableError: it holds none."""
    found = item(answer.body, *path)
    if not isinstance(found, Sequence) or isinstance(found, str):
        raise _without(answer, "the list that was asked for", sink)
    return items(found)


def row_of(answer: Answer, *path: str, sink: str, known_by: str) -> Mapping[str, Json]:
    """The entry that was asked for, with its id, ``known_by``. Raises SinkUnavailableError."""
    found = item(answer.body, *path)
    if not isinstance(found, Mapping) or not text(found, known_by):
        raise _without(answer, "what was asked for", sink)
    return found


def _without(answer: Answer, what: str, sink: str) -> SinkUnavailableError:
    return SinkUnavailableError(
        f"{sink} answered {answer.status} without {what}", hint="try again later"
    )


def stated(answer: Answer, *path: str, sink: str) -> str:
    """The id of what was just written. Raises SinkUnknownError where the answer holds none."""
    found = text(answer.body, *path)
    if not found:
        raise SinkUnknownError(
            f"{sink} answered {answer.status} to a write, without an id",
            hint="it may have been written; it is looked up before it is tried again",
        )
    return found


def as_text(value: Json, *, between: str) -> str:
    """A value for a field that takes texts alone: nothing is empty, several stand ``between``."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return between.join(as_text(one, between=between) for one in value)
    if isinstance(value, Mapping):
        return between.join(f"{name}: {as_text(to, between=', ')}" for name, to in value.items())
    return str(value)


def before(wanted: Mapping[str, Json], now: Mapping[str, Json]) -> dict[str, Json]:
    """Of the fields that ``wanted`` changes, what they hold now."""
    return {name: now.get(name) for name, to in wanted.items() if now.get(name) != to}
