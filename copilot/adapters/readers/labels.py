"""Who may read a document: the labels that it states, in whatever format.

Invariant: labels fail closed. What can't be understood is a ReadError, and documents that
become one ask for the labels of every one of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from functools import reduce

from copilot.errors import ReadError
from copilot.messages import both_labels

HINT = "labels: [team-a, team-b]"
_KEY = re.compile(r"\W*labels?\W*", re.IGNORECASE)
_AND = " & "
_MAX_WAYS = 500


def is_label_key(key: object) -> bool:
    """Whether a key states labels; people write it in any case, and for one label without s.

    What stands around the word (a stray mark, a space) doesn't make it another one.
    """
    return isinstance(key, str) and _KEY.fullmatch(key) is not None


def stated_labels(fields: Iterable[tuple[object, object]], name: str) -> tuple[str, ...]:
    """The labels among a document's fields; ReadError when they stand there twice."""
    stated = [value for key, value in fields if is_label_key(key)]
    if len(stated) > 1:
        raise ReadError(f"{name}: labels are stated more than once", hint=HINT)
    return labels_of(stated[0], name) if stated else ()


def labels_of(value: object, name: str) -> tuple[str, ...]:
    """Labels from a list of strings or one string; ReadError for anything else.

    Nothing, a blank string and an empty list state that there are none.
    """
    match value:
        case None:
            return ()
        case str():
            written = value.split(",") if value.strip() else []
        case list() if all(isinstance(part, str) for part in value):
            written = value
        case _:
            raise ReadError(f"{name}: labels must be a list of names", hint=HINT)
    found = tuple(dict.fromkeys(part.strip() for part in written if part.strip()))
    if (written and not found) or not all(label.isprintable() for label in found):
        raise ReadError(f"{name}: labels must be names that can be shown", hint=HINT)
    return found


def together(labels: Iterable[tuple[str, ...]], name: str) -> tuple[str, ...]:
    """The labels of a document made of several, given the labels of each: all must allow.

    ReadError when they combine in too many ways to be kept.
    """
    stated = list(dict.fromkeys(own for own in labels if own))
    if len(stated) <= 1:
        return stated[0] if stated else ()
    ways: set[frozenset[str]] = {frozenset()}
    for own in stated:
        if len(ways) * len(own) > _MAX_WAYS:
            raise ReadError(
                f"{name}: its parts have too many different labels",
                hint="Store the attachments beside it as files of their own.",
            )
        ways = _shortest({way | {label} for way in ways for label in own})
    return tuple(sorted(reduce(both_labels, sorted(_unimplied(way))) for way in ways))


def of_nobody(labels: tuple[str, ...]) -> bool:
    """Whether each label asks for more than two at once, which no principal has."""
    return bool(labels) and all(label.count(_AND) > 1 for label in labels)


def _shortest(ways: Set[frozenset[str]]) -> set[frozenset[str]]:
    """Without those that ask for more than another one does."""
    return {way for way in ways if not any(other < way for other in ways)}


def _unimplied(way: frozenset[str]) -> frozenset[str]:
    """Without the labels that stand in a pair of it: a mail in a mail brings pairs along."""
    implied = {one for label in way for one in label.split(_AND) if one != label}
    return way - implied
