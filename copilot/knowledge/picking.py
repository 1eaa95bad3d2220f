"""Finds documents by what is typed of their names, for somebody who picks one.

Invariant: a document that the principal may not see is neither found nor counted; the names are
read once a version of the index.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from threading import Lock

from copilot.knowledge.terms import folded
from copilot.messages import DocumentState, SearchFilter
from copilot.places import is_within
from copilot.ports import PassageIndex

_PICKABLE = ("indexed", "container")
_LONGEST = 200
_NOT = 9


@dataclass(frozen=True, slots=True)
class Picked:
    """The best of the ``total`` documents that fit, the best first."""

    found: tuple[DocumentState, ...]
    total: int


def place(state: DocumentState) -> str:
    """Where a document stands, from the folder that was added on."""
    above = state.source.rpartition("/")[0]
    return state.path.removeprefix(f"{above}/") if above else state.path


@dataclass(frozen=True, slots=True)
class _Named:
    state: DocumentState
    name: str
    whole: str


class Picking:
    """Safe between threads."""

    def __init__(self, index: PassageIndex) -> None:
        self._index = index
        self._lock = Lock()
        self._version = -1
        self._named: Sequence[_Named] = ()

    def find(self, typed: str, where: SearchFilter, *, limit: int) -> Picked:
        """The documents whose name, title or folders hold what was typed: as it is, or its
        letters in this order. Raises KnowledgeIndexError.
        """
        rank = _ranking(folded(typed[:_LONGEST]).casefold().strip())
        labels = set(where.principal.labels)
        ranked = [
            (place, len(one.whole), one.whole, one.state.path, one.state)
            for one in self._names()
            if (not one.state.labels or not labels.isdisjoint(one.state.labels))
            and is_within(one.state.path, where.paths)
            and (place := rank(one)) < _NOT
        ]
        best = nsmallest(limit, ranked, key=lambda pair: pair[:4])
        return Picked(tuple(state for *_, state in best), len(ranked))

    def _names(self) -> Sequence[_Named]:
        with self._lock:
            version = self._index.version()
            if version != self._version:
                states = self._index.documents()
                self._named = [_naming(one) for one in states if one.status in _PICKABLE]
                self._version = version
            return self._named


def _naming(state: DocumentState) -> _Named:
    name = folded(state.path.rpartition("/")[2]).casefold()
    return _Named(state, name, folded(f"{place(state)} {state.title}").casefold())


def _ranking(typed: str) -> Callable[[_Named], int]:
    """How well a document fits, 0 best; ``_NOT``: it doesn't."""
    letters = map(re.escape, typed.replace(" ", ""))
    scattered = re.compile("".join(f"[^{one}]*{one}" for one in letters)).match  # never goes back

    def rank(one: _Named) -> int:
        if typed in one.name:
            return 0 if one.name.startswith(typed) else 1
        if typed in one.whole:
            return 2
        if scattered(one.name):
            return 3
        return 4 if scattered(one.whole) else _NOT

    return rank
