"""What a person said and where, as digests: how it is known again in places that name nobody.

Invariant: no text and no name stands in it; it is kept beside a deletion that isn't finished, and
goes with its mark.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot.adapters.ledger.database import sql
from copilot.keeping import Taken, digest

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class Said:
    """Digests of what a person asked and was answered, and of their conversations' names."""

    texts: frozenset[str] = frozenset()
    conversations: frozenset[str] = frozenset()

    def __or__(self, other: Said) -> Said:
        return Said(self.texts | other.texts, self.conversations | other.conversations)

    def written(self) -> bytes:
        """As it is kept until the deletion is finished."""
        lists = {"texts": sorted(self.texts), "conversations": sorted(self.conversations)}
        return json.dumps(lists).encode()

    @staticmethod
    def read(content: bytes) -> Said:
        """What ``written`` gave; empty for what isn't that."""
        try:
            found = json.loads(content)
            return Said(frozenset(found["texts"]), frozenset(found["conversations"]))
        except (ValueError, TypeError, KeyError, RecursionError):
            return Said()


def said_by(connection: DuckDBPyConnection, principal: str) -> Said:
    """What the ledger still knows of this person's words."""
    rows = connection.execute(sql("said"), {"principal": principal}).fetchall()
    texts = {str(name) for name, _ in rows}
    # A conversation holds a question without the blanks around it.
    texts |= {digest(body.strip()) for _, body in rows if body is not None}
    named = {name for name, people in _by_conversation(connection).items() if principal in people}
    return Said(frozenset(texts), frozenset(map(digest, named)))


def taken(connection: DuckDBPyConnection, principal: str, said: Said) -> Taken:
    """Who took part in which conversation: this person in those of ``said``, too."""
    by_conversation = {
        name: people | {principal} if digest(name) in said.conversations else people
        for name, people in _by_conversation(connection).items()
    }
    return Taken(by_conversation, said.texts)


def _by_conversation(connection: DuckDBPyConnection) -> dict[str, frozenset[str]]:
    people: dict[str, set[str]] = defaultdict(set)
    for conversation, name in connection.execute(sql("taken")).fetchall():
        people[conversation].add(name)
    return {name: frozenset(found) for name, found in people.items()}
