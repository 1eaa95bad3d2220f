"""Tables for people: aligned, plain text, no wider than the terminal.

Invariant: a cell is one line and went through ``guard.terminal``; off a terminal nothing is
cut, and on one only one column is. Where that leaves it too little, it stands below its row.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable, Sequence
from typing import Literal

from copilot.cli import console
from copilot.guard.terminal import clean_line

Align = Literal["<", ">"]

End = Literal["first", "last"]

_GAP = "  "
_NARROWEST = 8
# With less room than this the last column says nothing any more.
_LEAST = 16
_BELOW = "    "


def table(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: Collection[str] = (),
    elastic: int = -1,
    margin: int = 0,
    keep: End = "first",
    least: int = _LEAST,
) -> list[str]:
    """The lines of a table; the columns named in ``right`` are aligned to the right.

    Column ``elastic`` takes the room that the others and ``margin`` columns leave; ``keep`` is
    the end of a cell that stays when it is cut. Would the last column get less than ``least``,
    each of its cells is a line below its row, within the same text.
    """
    from rich.cells import cell_len

    cells = [list(header), *([clean_line(cell) for cell in row] for row in rows)]
    widths = [max(cell_len(row[i]) for row in cells) for i in range(len(header))]
    sides: list[Align] = [">" if name in right else "<" for name in header]
    limit = room()
    if limit is not None:
        others = sum(widths) - widths[elastic] + len(_GAP) * (len(widths) - 1) + margin
        left = max(limit - others, _NARROWEST)
        if elastic == -1 and left < min(widths[-1], least):
            below = limit - margin - len(_BELOW)
            return [
                "\n".join([_line(row[:-1], widths[:-1], sides[:-1]), *_below(row[-1], below, keep)])
                for row in cells
            ]
        widths[elastic] = min(widths[elastic], left)
        for row in cells:
            row[elastic] = shortened(row[elastic], widths[elastic], keep=keep)
    return [_line(row, widths, sides) for row in cells]


def _below(cell: str, width: int, keep: End) -> list[str]:
    return [_BELOW + shortened(cell, max(width, _NARROWEST), keep=keep)] if cell else []


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """RFC 4180 with ``\\n``, a header first; an empty cell for None, and cleaned as a table's."""
    import csv
    import io

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow([_csv_cell(cell) for cell in row])
    return text.getvalue()


def _csv_cell(cell: object) -> str:
    if cell is None:
        return ""
    return str(cell).lower() if isinstance(cell, bool) else clean_line(str(cell))


def room() -> int | None:
    """Columns of the terminal; None when stdout is none, and nothing needs to be cut."""
    if not console.is_terminal("stdout"):
        return None
    return shutil.get_terminal_size((80, 24)).columns


def shortened(text: str, width: int, *, keep: End = "first") -> str:
    """``text`` in at most ``width`` cells, an ellipsis where something is missing.

    Of the last part of a path, which ``keep`` asks for, whole names stay when one fits.
    """
    from rich.cells import cell_len, set_cell_size

    if cell_len(text) <= width:
        return text
    if keep == "last":
        backwards = set_cell_size(text[::-1], max(width - 1, 0)).rstrip()
        kept = backwards[::-1]
        return "…" + (kept[kept.index("/") :] if "/" in kept else kept.lstrip())
    return set_cell_size(text, max(width - 1, 0)).rstrip() + "…"


def _line(row: Sequence[str], widths: Sequence[int], sides: Sequence[Align]) -> str:
    from rich.cells import cell_len

    padded: list[str] = []
    for cell, width, side in zip(row, widths, sides, strict=True):
        space = " " * (width - cell_len(cell))
        padded.append(space + cell if side == ">" else cell + space)
    return _GAP.join(padded).rstrip()
