"""The fields that a proposal would write: old → new, and the words of the text that state them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from copilot.calls.inbox import ShownChange
from copilot.tui.inbox.words import text_of
from copilot.tui.items import Items, Pieces, fitted
from copilot.tui.text_cells import row_breaks
from copilot.tui.wording import shown, shown_line

_NAME = 18
_NARROW_NAME = 12
_MOST_LINES = 2  # of one value; details have all
_QUOTE = 240


class ChangeList(Items):
    """``show`` changes; the chosen one is what the text beside it is lit for."""

    def __init__(self) -> None:
        super().__init__(id="changes")
        self.changes: Sequence[ShownChange] = ()
        self._drawn: dict[tuple[int, int], Sequence[Pieces]] = {}

    @property
    def count(self) -> int:
        return len(self.changes)

    @property
    def chosen(self) -> ShownChange | None:
        return None if self.at is None else self.changes[self.at]

    def show(self, changes: Sequence[ShownChange]) -> None:
        self.changes = changes
        self._drawn = {}
        self.renew(0)

    def point(self, field: str) -> None:
        """Choose the field of this name."""
        names = [one.change.field for one in self.changes]
        if field in names:
            self.choose(names.index(field))

    def placed(self) -> None:
        """As high as its lines, until the pane says that it is too high."""
        self.styles.height = max(1, self.lines)

    def lines_of(self, at: int, width: int) -> Sequence[Pieces]:
        key = (at, width)
        if key not in self._drawn:
            self._drawn[key] = list(_drawn(self.changes[at], width))
        return self._drawn[key]


def _drawn(one: ShownChange, width: int) -> Iterator[Pieces]:
    column = _NAME if width >= 56 else _NARROW_NAME
    name = fitted(shown_line(one.change.field), column)
    room = max(10, width - column - 4)
    before, after = one.change.before, shown(text_of(one.change.after))
    lines = list(_wrapped(after, room))
    if before is not None:
        old = fitted(shown_line(text_of(before)), min(room - 3, cell_len(text_of(before)) or 1))
        first = fitted(lines[0], cell_len(lines[0])) if lines else ""
        if cell_len(old) + 3 + cell_len(first) <= room:
            pieces: Pieces = (
                (f" {name} ", "faint"), (old, "faint"), (" → ", "faint"), (first, "")
            )  # fmt: skip
            yield pieces
        else:
            yield ((f" {name} ", "faint"), (f"{old} →", "faint"))
            yield ((" " * (column + 2), ""), (first, ""))
    else:
        yield ((f" {name} ", "faint"), (lines[0] if lines else "", ""))
    yield from (((" " * (column + 2), ""), (line, "")) for line in lines[1:])
    if one.read_by and not one.evidence:
        said = "✎ by a person" if one.read_by == "person" else "! without its words in the text"
        yield ((" " * (column + 2), ""), (fitted(said, room), "faint"))
    for words in one.evidence:
        quote = shown_line(words.quote)
        if quote != after:
            quote = quote if len(quote) <= _QUOTE else f"{quote[:_QUOTE]}…"
            yield from (
                ((" " * (column + 2), ""), (line, "faint")) for line in _wrapped(f"“{quote}”", room)
            )


def _wrapped(text: str, width: int) -> Iterator[str]:
    """The first rows of a text; how many there are more, where it has too many."""
    rows: list[str] = []
    for line in text.split("\n"):
        starts = [0, *row_breaks(line, 0, len(line), width)]
        ends = [*starts[1:], len(line)]
        rows += [line[a:b].rstrip() for a, b in zip(starts, ends, strict=True)]
        if len(rows) > 200:
            break
    yield from rows[:_MOST_LINES]
    if len(rows) > _MOST_LINES:
        left = len(rows) - _MOST_LINES
        yield f"… {left}{'+' if len(rows) > 200 else ''} lines more, d shows all"
