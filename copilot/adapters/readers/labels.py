"""Who may read a document: the labels that it states, in whatever format.

Invariant: labels fail closed. What can't be understood is a ReadError, and documents that
become one ask for the labels of every one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from functools import reduce

from copilot.errors import ReadError
from copilot.messages import both_labels

_AND = " & "
_MAX_WAYS = 500


def labels_of(value: object, name: str) -> tuple[str, ...]:
    """Labels from a list of strings or one string; ReadError for anything else."""
    match value:
        case None:
            return ()
        case str():
            found = [part.strip() for part in value.split(",")]
        case list() if all(isinstance(part, str) for part in value):
            found = [part.strip() for part in value]
        case _:
            raise ReadError(
                f"{name}: labels must be a list of names", hint="labels: [team-a, team-b]"
            )
    return tuple(dict.fromkeys(label for label in found if label))


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
