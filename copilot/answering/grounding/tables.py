"""A sentence beside the rows of a table: what stands over a cell counts as its words.

Invariant: a number of a row counts for the column that it stands in.
"""

from __future__ import annotations

from copilot.answering.grounding.claim import Claim, has, holds
from copilot.answering.grounding.reading import Token, Unit


def has_word(unit: Unit, token: Token) -> bool:
    return holds(token, unit.reading) or (unit.over is not None and holds(token, unit.over))


def under_another_head(claim: Claim) -> str:
    """A number of the right row that stands under another head than the sentence names."""
    for _, unit in claim.window:
        heads = [head.stems for head in unit.heads]
        own = [
            stems - frozenset[str]().union(*heads[:i], *heads[i + 1 :])
            for i, stems in enumerate(heads)
        ]
        named = {i for i, stems in enumerate(own) if i and stems & claim.reading.stems}
        for quantity in claim.reading.quantities if named else ():
            under = {i for i, cell in enumerate(unit.cells) if has(cell, quantity)}
            if under and not under & {0, *named}:
                there = unit.heads[min(under)].text.strip() if min(under) < len(heads) else ""
                return f"{claim.where} says '{quantity.text}' of '{there}'"
    return ""
