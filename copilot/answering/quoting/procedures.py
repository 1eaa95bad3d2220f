"""A procedure as a whole: every step of the numbered list that answers, with its opening line.

Invariant: steps come in order and none is left out; a list that goes on in the next passage of
its document is followed there, and one that is too long to be said whole is not taken at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from copilot.answering.quoting.scoring import PassageView
from copilot.answering.quoting.selection import Candidate, candidate
from copilot.answering.quoting.units import LEAD_WORDS, PROCEDURE_WORDS, Segmented
from copilot.answering.quoting.values import Unit

# A step this close to the best unit shows that its list is what was asked for.
MARGIN = 0.1
FEWEST_STEPS = 2
_NUMBERED = re.compile(r"\s*(?:\d+[.)]|#\.|step\s+\d+)", re.IGNORECASE)

# (document id, ordinal) -> the view of that passage, None when the search did not find it.
Neighbour = Callable[[str, int], PassageView | None]


def steps(
    ranked: Sequence[Candidate], views: Sequence[PassageView], neighbour: Neighbour
) -> tuple[Candidate, ...]:
    """The list that the best units belong to, one candidate for each passage that holds a part.

    ``ranked`` falls by score. Empty when no numbered list is among the best, or none is short
    enough.
    """
    for c in ranked:
        if c.score < ranked[0].score - MARGIN:
            break
        seen = views[c.unit.passage]
        run = _run_around(seen.segmented, c.unit.core[0])
        if run is None or c.unit.kind not in ("item", "list", "code"):
            continue
        parts = _chained(seen, run, neighbour)
        if _is_procedure(parts):
            return tuple(
                candidate(
                    Unit(part.segmented.number, "procedure", own, _lead(part, own, first=not i)),
                    part,
                    c.score,
                    (),
                )
                for i, (part, own) in enumerate(parts)
            )
    return ()


Part = tuple[PassageView, tuple[int, ...]]


def _run_around(seg: Segmented, index: int) -> tuple[int, ...] | None:
    """The neighbouring list items (and code between them) around a piece."""
    belongs = ("list_item", "code")
    if seg.pieces[index].kind not in belongs:
        return None
    start = stop = index
    while start > 0 and seg.pieces[start - 1].kind in belongs:
        start -= 1
    while stop + 1 < len(seg.pieces) and seg.pieces[stop + 1].kind in belongs:
        stop += 1
    while start < stop and seg.pieces[start].kind == "code":
        start += 1
    return tuple(range(start, stop + 1)) if seg.pieces[start].kind == "list_item" else None


def _chained(seen: PassageView, run: tuple[int, ...], neighbour: Neighbour) -> list[Part]:
    """The run, and what it goes on from and into in the passages before and after."""
    parts: list[Part] = [(seen, run)]
    while _opens(*parts[0]):
        before = _beside(parts[0][0], -1, neighbour)
        run_before = before and _run_around(before.segmented, len(before.segmented.pieces) - 1)
        if not before or not run_before:
            break
        parts.insert(0, (before, run_before))
    while _closes(*parts[-1]):
        after = _beside(parts[-1][0], 1, neighbour)
        first = _first(after) if after else None
        run_after = _run_around(after.segmented, first) if after and first is not None else None
        if not after or not run_after:
            break
        parts.append((after, run_after))
    return parts


def _beside(seen: PassageView, step: int, neighbour: Neighbour) -> PassageView | None:
    passage = seen.segmented.stored.passage
    found = neighbour(passage.document_id, passage.ordinal + step)
    if found is None or not found.segmented.pieces:
        return None
    other = found.segmented.stored.passage
    return found if other.heading_path == passage.heading_path else None


def _first(seen: PassageView) -> int | None:
    """The first piece that is no heading."""
    kinds = [piece.kind for piece in seen.segmented.pieces]
    return next((i for i, kind in enumerate(kinds) if kind != "heading"), None)


def _opens(seen: PassageView, run: tuple[int, ...]) -> bool:
    return run[0] == 0


def _closes(seen: PassageView, run: tuple[int, ...]) -> bool:
    return run[-1] == len(seen.segmented.pieces) - 1


def _is_procedure(parts: Sequence[Part]) -> bool:
    pieces = [(seen.segmented, i) for seen, run in parts for i in run]
    items = [(seg, i) for seg, i in pieces if seg.pieces[i].kind == "list_item"]
    top = min(seg.pieces[i].level for seg, i in items)
    outer = [seg.text(i) for seg, i in items if seg.pieces[i].level == top]
    numbered = sum(bool(_NUMBERED.match(text)) for text in outer)
    words = sum(seg.pieces[i].words for seg, i in pieces)
    return numbered >= FEWEST_STEPS and 2 * numbered >= len(outer) and words <= PROCEDURE_WORDS


def _lead(seen: PassageView, run: tuple[int, ...], *, first: bool) -> tuple[int, ...]:
    """The line or heading before the list."""
    before = run[0] - 1
    if not first or before < 0:
        return ()
    piece = seen.segmented.pieces[before]
    if piece.kind == "heading" or piece.words <= LEAD_WORDS:
        return (before,)
    return (before,) if seen.segmented.text(before).rstrip().endswith(":") else ()
