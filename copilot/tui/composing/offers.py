"""The list above the composer: commands, or documents, that what is typed may become.

Invariant: it takes no room from anything else, and what it lists passes ``shown_line``.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from copilot.calls.composing import FoundDocuments, NamedDocument
from copilot.tui.commands import Command
from copilot.tui.wording import shown_line

Offered = Command | NamedDocument
_COLUMN = 16
_ROWS = 10


class Offers(OptionList, can_focus=False):
    """``offered``: what is listed, in order; ``is_open`` while it can be seen."""

    def __init__(self) -> None:
        super().__init__(id="offers", compact=True, markup=False)
        self.display = False
        self.offered: Sequence[Offered] = ()

    @property
    def is_open(self) -> bool:
        return bool(self.display)

    @property
    def chosen(self) -> Offered | None:
        at = self.highlighted
        return self.offered[at] if at is not None and at < len(self.offered) else None

    def show(self, offered: Sequence[Offered], below: str = "") -> None:
        """List these, the first of them chosen, and a remark below them."""
        self.offered = offered
        options = [Option(_line(one)) for one in offered]
        if below:
            options.append(Option(Content.styled(below, "$text-muted"), disabled=True))
        self.clear_options()
        self.add_options(options)
        self.highlighted = 0 if offered else None
        self.display = bool(options)
        rows = min(len(options), self._room())
        self.styles.height = rows
        self.styles.offset = (0, -rows)

    def hide(self) -> None:
        self.display = False
        self.offered = ()

    def step(self, by: int) -> None:
        """Choose the next one, or the one before; round and round."""
        if self.offered:
            self.highlighted = ((self.highlighted or 0) + by) % len(self.offered)

    def _room(self) -> int:
        """How many lines there are above the composer, but for the bar on top."""
        board = self.parent
        above = board.region.y if isinstance(board, Widget) else 0
        return max(1, min(_ROWS, above - 1))


def remark(told: FoundDocuments) -> str:
    """What is said below the documents that were found."""
    if not told.total:
        return "no document is called so"
    more = told.total - len(told.found)
    return f"{more:,} more; type on to narrow" if more else ""


def _line(one: Offered) -> Content:
    if isinstance(one, Command):
        usage = one.usage.ljust(_COLUMN)
        return Content.assemble(usage, (one.does, "$text-muted"))
    name = shown_line(one.place).rpartition("/")[2]
    return Content.assemble(name, (f"  {_told(one, name)}", "$text-muted"))


def _told(one: NamedDocument, name: str) -> str:
    title, folder = shown_line(one.title), shown_line(one.place).rpartition("/")[0]
    stem = name.rpartition(".")[0]
    return " · ".join(part for part in (title if title not in (name, stem) else "", folder) if part)
