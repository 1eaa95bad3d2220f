"""Which rows of a table a question is about.

Invariant: only a row that holds at least half of what is asked for silences its neighbours;
of a table without one every row stays.
"""

from __future__ import annotations

from collections.abc import Sequence

from copilot.answering.abstention import share
from copilot.answering.quoting.question import AnswerKind
from copilot.answering.quoting.scoring import Asked, PassageView
from copilot.answering.quoting.values import Unit

# The share of the question's term weight from which on a row names what is asked for, and how
# much of the best row's share another one must hold: asked for backups, the row on mails is out.
NAMES_IT = 0.5
AS_WELL = 0.7

Pair = tuple[Unit, PassageView]
_Table = tuple[str, tuple[str, ...]]


def named(pairs: Sequence[Pair], asked: Asked) -> list[Pair]:
    """The units, in order, without rows of tables in which another row is what is asked for."""
    if AnswerKind.ENUMERATION in asked.form.kinds:
        return list(pairs)
    best: dict[_Table, float] = {}
    for unit, seen in pairs:
        if unit.kind == "rows":
            held = max(share(asked.weights, seen.piece_terms[row]) for row in unit.core)
            best[_table(seen)] = max(best.get(_table(seen), 0.0), held)

    def stays(unit: Unit, seen: PassageView) -> bool:
        if unit.kind != "rows" or best[_table(seen)] < NAMES_IT:
            return True
        least = AS_WELL * best[_table(seen)]
        return all(share(asked.weights, seen.piece_terms[row]) >= least for row in unit.core)

    return [(unit, seen) for unit, seen in pairs if stays(unit, seen)]


def _table(seen: PassageView) -> _Table:
    """A table's rows may be blocks of their own, and in passages of their own."""
    passage = seen.segmented.stored.passage
    return passage.document_id, passage.heading_path
