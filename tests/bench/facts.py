"""Golden questions, and whether an answer's text holds the facts that a right answer needs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from copilot.messages import Turn


@dataclass(frozen=True)
class Golden:
    """``facts``: for each fact the wordings of it that count."""

    id: str
    question: str
    history: tuple[Turn, ...]
    answerable: bool
    facts: tuple[tuple[str, ...], ...]


def load(path: Path) -> list[Golden]:
    """The questions of a golden file, one JSON object a line."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    return [
        Golden(
            id=row["id"],
            question=row["question"],
            history=turns(row.get("history", [])),
            answerable=row["answerable"],
            facts=tuple(tuple(fact) for fact in row.get("facts", [])),
        )
        for row in rows
    ]


def turns(history: Sequence[dict[str, str]]) -> tuple[Turn, ...]:
    """Turns as the labelled sets write them; whoever isn't the user is the assistant."""
    return tuple(
        Turn("user" if turn["role"] == "user" else "assistant", turn["text"]) for turn in history
    )


def covered(facts: Sequence[Sequence[str]], text: str) -> int:
    """How many facts the text holds: any wording, whatever the case and the spaces."""
    plain = _normal(text)
    return sum(any(_normal(wording) in plain for wording in fact) for fact in facts)


def _normal(text: str) -> str:
    return " ".join(text.casefold().split())
