"""A document's text at a passage, with the quote lit: where no editor is at hand.

Invariant: a piece at a time is here, whatever the document's size; the core reads it.
"""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from copilot import calls
from copilot.errors import CopilotError
from copilot.places import display_path
from copilot.tui.core import Core
from copilot.tui.doings import Doings
from copilot.tui.lit_text import LitText, Span
from copilot.tui.sources import Place
from copilot.tui.wording import shown_line

_QUOTE = "quote"


class ViewerScreen(Screen[None]):
    """The document of a place."""

    DEFAULT_CSS = """
    ViewerScreen {
        & #viewed {
            height: 1; padding: 0 2; color: $text-muted; background: $surface;
            text-wrap: nowrap; text-overflow: ellipsis;
        }
        & LitText { height: 1fr; padding: 0 2; }
        & Doings { padding: 0 2; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "Back", id="viewer.back"),
        Binding("left_square_bracket", "turn(-1)", "Earlier", key_display="[", id="viewer.earlier"),
        Binding("right_square_bracket", "turn(1)", "Later", key_display="]", id="viewer.later"),
        Binding("full_stop", "home", "Back to the quote", key_display=".", id="viewer.quote"),
    ]

    def __init__(self, core: Core, place: Place) -> None:
        super().__init__()
        self._core = core
        self._place = place
        self._piece: calls.DocumentPiece | None = None

    def compose(self) -> ComposeResult:
        yield Static(Content("reading …"), id="viewed")
        yield LitText()
        yield Doings(
            ("↑↓", "scroll", ""),
            ("[", "earlier", "screen.turn(-1)"),
            ("]", "later", "screen.turn(1)"),
            (".", "the quote", "screen.home"),
            ("Esc", "back", "screen.leave"),
        )

    def on_mount(self) -> None:
        self.query_one(LitText).focus()
        self._read(None)

    def action_leave(self) -> None:
        self.dismiss()

    def action_home(self) -> None:
        self._read(None)

    def action_turn(self, by: int) -> None:
        """The piece before, or the one after."""
        piece = self._piece
        if piece is None:
            return
        size = piece.stop - piece.start
        if by < 0 < piece.start:
            self._read(max(0, piece.start - size))
        elif by > 0 and piece.stop < piece.total:
            self._read(piece.stop)

    @work(group="read", exclusive=True, exit_on_error=False)
    async def _read(self, start: int | None) -> None:
        place = self._place
        call = calls.ReadAround(place.passage_id, *place.quote, start=start)
        try:
            piece = await self._core.call(call, calls.DocumentPiece)
        except CopilotError as error:
            self.notify(
                shown_line(error.hint) or "The log tells more.",
                title=shown_line(error.message),
                severity="error",
                markup=False,
            )
            if self._piece is None:
                self.dismiss()
            return
        self._piece = piece
        text = self.query_one(LitText)
        spans = [Span(*piece.lit, _QUOTE)] if piece.lit is not None else []
        text.show(piece.text, spans)
        if spans:
            text.light(_QUOTE)
        file = shown_line(display_path(piece.path))
        told = [shown_line(piece.title), _where(piece), shown_line(piece.note), file]
        self.query_one("#viewed", Static).update(Content(" · ".join(part for part in told if part)))


def _where(piece: calls.DocumentPiece) -> str:
    if piece.start == 0 and piece.stop >= piece.total:
        return ""
    return f"{piece.unit} {piece.start + 1:,} to {piece.stop:,} of {piece.total:,}"
