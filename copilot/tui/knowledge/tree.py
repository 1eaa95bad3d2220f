"""The sources, and below each its folders and documents: read when they are opened.

Invariant: a row that isn't on the screen costs a number, however many documents there are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import Binding, BindingType

from copilot.calls.knowledge import Entry, SourceCard, SourceChanges
from copilot.tui.items import Items, Pieces, fitted
from copilot.tui.knowledge.words import MARKS, state_of
from copilot.tui.wording import shown_line


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the tree: a source, a folder or a document."""

    depth: int
    path: str
    entry: Entry | None = None
    source: SourceCard | None = None

    @property
    def opens(self) -> bool:
        """Whether there may be something below it."""
        return self.source is not None or (self.entry is not None and self.entry.kind == "folder")

    @property
    def is_document(self) -> bool:
        return self.entry is not None and self.entry.kind == "document"


class DocumentTree(Items):
    """``now`` is for how long ago things were."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l", "unfold", "Open the folder", id="knowledge.unfold"),
        Binding("left,h", "fold", "Close the folder", id="knowledge.fold"),
    ]

    class Unfolded(Items.Chosen):
        """A folder was opened: its rows are wanted."""

        def __init__(self, items: Items, row: Row) -> None:
            super().__init__(items)
            self.row = row

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(id="tree")
        self._now = now
        self.rows: list[Row] = []
        self.changes: Mapping[str, SourceChanges] = {}
        self.open: set[str] = set()
        self.flat = False  # a list of what was found, not a tree

    @property
    def count(self) -> int:
        return len(self.rows)

    @property
    def chosen(self) -> Row | None:
        return None if self.at is None or self.at >= len(self.rows) else self.rows[self.at]

    # --- what is shown --------------------------------------------------------------------

    def show(self, rows: Sequence[Row], *, flat: bool = False) -> None:
        """Other rows; the chosen one stays chosen, or in a tree what stands in its place."""
        chosen = self.chosen
        place = 0 if flat or self.flat else self.at
        self.rows, self.flat = list(rows), flat
        at = (n for n, one in enumerate(rows) if chosen and one.path == chosen.path)
        self.renew(next(at, place))

    def put(self, folder: str, entries: Sequence[Entry], *, start: int) -> bool:
        """More rows of an open folder, which has ``start`` of them; whether that was so."""
        at = self._row_of(folder)
        if at is None or folder not in self.open:
            return False
        depth = self.rows[at].depth + 1
        end = self._end(at)
        if sum(row.depth == depth for row in self.rows[at + 1 : end]) != start:
            return False  # it was closed and opened, or planted anew, meanwhile
        self.rows[end:end] = [Row(depth, one.path, one) for one in entries]
        # Rows that come above the chosen one move it down.
        keep = self.at if self.at is None or self.at < end else self.at + len(entries)
        self.renew(keep, tell=False)
        return True

    def tops_of(self, width: int) -> Sequence[int]:
        return range(self.count + 1)

    def lines_of(self, at: int, width: int) -> Sequence[Pieces]:
        row = self.rows[at]
        if row.source is not None:
            return (self._source(row.source, width),)
        assert row.entry is not None
        return (self._entry(row, row.entry, width),)

    def _source(self, source: SourceCard, width: int) -> Pieces:
        mark = "▾" if source.root in self.open else "▸"
        state = state_of(source, self.changes.get(source.root), self._now())
        failed = f" ✗ {source.failed:,}" if source.failed else ""
        look = "error" if source.unreachable else "faint"
        room = width - 4 - cell_len(failed)
        name = shown_line(source.root.rstrip("/").rpartition("/")[2] or source.root)
        state = fitted(state, min(cell_len(state), max(0, room - min(cell_len(name), 14) - 2)))
        name = fitted(name, room - cell_len(state) - 2)
        return (
            (f" {mark} ", "faint"),
            (name, "strong"),
            ("  ", ""),
            (state, look),
            (failed, "error"),
            (" ", ""),
        )

    def _entry(self, row: Row, entry: Entry, width: int) -> Pieces:
        if entry.kind == "folder":
            mark = "▾" if entry.path in self.open else "▸"
            told, look = f"{entry.documents:,}", ""
        else:
            mark = MARKS.get(entry.status, "·")
            told = f"{entry.passages:,}" if entry.status == "indexed" else entry.status
            look = "" if entry.status == "indexed" else "faint"
        failed = f" ✗ {entry.failed:,}" if entry.failed else ""
        before = f" {'  ' * row.depth}{mark} "
        room = width - cell_len(before) - cell_len(told) - cell_len(failed) - 3
        name = shown_line(entry.name)
        above = ""
        if self.flat and cell_len(name) + 6 < room:
            folder = shown_line(entry.path[: -len(entry.name)].rstrip("/").rpartition("/")[2])
            above = f"  {folder}"
            above = above if cell_len(name + above) <= room else ""
        faint = room - cell_len(name) if above else 0
        return (
            (before, "error" if entry.status == "failed" else "faint"),
            (name if above else fitted(name, room), look),
            (fitted(above, faint) if above else "", "faint"),
            ("  ", ""),
            (told, "faint"),
            (failed, "error"),
            (" ", ""),
        )

    # --- opening and closing --------------------------------------------------------------

    def action_unfold(self) -> None:
        row = self.chosen
        if row is None or self.flat:
            return
        if not row.opens:
            return
        if row.path in self.open:
            self.action_move(1)
            return
        self.unfold(row)

    def unfold(self, row: Row) -> None:
        self.open.add(row.path)
        self.refresh()
        self.post_message(self.Unfolded(self, row))

    def action_fold(self) -> None:
        """Close the folder, else go to the one that it lies in."""
        row, at = self.chosen, self.at
        if row is None or at is None or self.flat:
            return
        if row.opens and row.path in self.open:
            del self.rows[at + 1 : self._end(at)]
            inside = f"{row.path.rstrip('/')}/"
            self.open = {one for one in self.open if not f"{one}/".startswith(inside)}
            self.renew(at, tell=False)
            return
        above = (n for n in range(at, -1, -1) if self.rows[n].depth < row.depth)
        self.choose(next(above, at))

    def action_open(self) -> None:
        row = self.chosen
        if row is None or not row.opens or self.flat:
            super().action_open()
        elif row.path in self.open:
            self.action_fold()
        else:
            self.unfold(row)

    def _row_of(self, path: str) -> int | None:
        return next((n for n, one in enumerate(self.rows) if one.path == path), None)

    def _end(self, at: int) -> int:
        """Where what lies below a row ends."""
        depth = self.rows[at].depth
        below = (n for n in range(at + 1, len(self.rows)) if self.rows[n].depth <= depth)
        return next(below, len(self.rows))
