"""Where a question is typed: several lines, history, sent by Enter.

Invariant: what was typed is never lost: a question that is recalled or stopped leaves the draft
where Down or Up finds it, and Ctrl+Z undoes whatever else took its place.
"""

from __future__ import annotations

from typing import ClassVar, Protocol, cast

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual.binding import Binding, BindingType
from textual.document._document import Location
from textual.events import Key, Paste
from textual.keys import Keys
from textual.message import Message

from copilot.tui.keymap import worn
from copilot.tui.writing import TextField, bindings_without

_NEWLINE = ("ctrl+j", "shift+enter", "alt+enter")
_NEWLINE_OTHERWISE = {"shift+\r": "shift+enter", "alt+\r": "alt+enter"}  # as xterm tells them
# Most terminals send Alt+Enter so, and Textual would take it for Enter.
cast("dict[str, tuple[Keys, ...]]", ANSI_SEQUENCES_KEYS)["\x1b\r"] = (Keys.ControlJ,)
# Longer pastes are something to ask about, and no question.
_LINES, _CHARACTERS = 10, 2_000
_LONGEST_PATH = 4_096


class Guide(Protocol):
    """Who offers something while one types; each says whether it took the key."""

    def enter(self) -> bool: ...

    def complete(self) -> bool: ...

    def move(self, by: int) -> bool: ...

    def close(self) -> bool: ...

    def backspace(self) -> bool:
        """Where nothing stands before the cursor."""
        ...


class Composer(TextField, inherit_bindings=False):
    """A text area that posts ``Sent`` on Enter. ``sent``: what was sent, oldest first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_without("up", "down"),  # by what is below
        Binding("enter", "send", "Send", id="composer.send"),
        Binding(",".join(_NEWLINE), "newline", "New line", id="composer.newline"),
        Binding("up", "earlier", "Earlier", show=False, id="composer.earlier"),
        Binding("down", "later", "Later", show=False, id="composer.later"),
    ]

    class Sent(Message):
        """Somebody sent ``text``."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class PastedLong(Message):
        """A text was pasted that is too long for a question; it isn't in the composer."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class PastedLine(Message):
        """A line was pasted, which stands from ``start`` to ``end`` now."""

        def __init__(self, text: str, start: Location, end: Location) -> None:
            super().__init__()
            self.text = text
            self.start = start
            self.end = end

    def __init__(self, *, guide: Guide | None = None) -> None:
        super().__init__(
            placeholder="Ask your documents …",
            show_line_numbers=False,
            soft_wrap=True,
            compact=True,
            highlight_cursor_line=False,
            id="composer",
        )
        self.sent: list[str] = []
        self._guide = guide
        self._at: int | None = None
        self._draft = ""

    @property
    def before(self) -> str:
        """What stands on the cursor's line before it; empty while something is selected."""
        row, column = self.cursor_location
        return self.document.get_line(row)[:column] if self.selection.is_empty else ""

    # Keys in their turn: a binding that is looked up later would overtake letters typed before.

    async def _on_key(self, event: Key) -> None:
        if self._took(event.key):
            event.stop()
            event.prevent_default()
        elif event.key.startswith("alt+"):
            event.character = None  # terminals send the letter with it, which isn't to be typed

    def _took(self, key: str) -> bool:
        guide, key = self._guide, _NEWLINE_OTHERWISE.get(key, key)
        if key in worn(self, "composer.send", "enter"):
            if guide is None or not guide.enter():
                self.action_send()
            return True
        if key in worn(self, "composer.newline", ",".join(_NEWLINE)):
            self.action_newline()
            return True
        match key:
            case "tab":
                return guide is not None and guide.complete()
            case "escape":
                return guide is not None and guide.close()
            case "up" | "down":
                return guide is not None and guide.move(-1 if key == "up" else 1)
            case "backspace":
                at_start = self.cursor_location == (0, 0) and self.selection.is_empty
                return at_start and guide is not None and guide.backspace()
        return False

    async def _on_paste(self, event: Paste) -> None:
        event.stop()
        event.prevent_default()
        text = event.text.replace("\r\n", "\n").replace("\r", "\n")
        if len(text) > _CHARACTERS or text.rstrip("\n").count("\n") >= _LINES:
            self.post_message(self.PastedLong(text))
            return
        start, end = sorted(self.selection)
        self.insert(text, start) if start == end else self.replace(text, start, end)
        stands = self.cursor_location
        self.focus()
        if "/" in text and "\n" not in text.strip() and len(text) < _LONGEST_PATH:
            self.post_message(self.PastedLine(text, start, stands))

    def action_send(self) -> None:
        text = self.text.strip()
        if not text:
            return
        self.remember(text)
        self.clear()
        self.post_message(self.Sent(text))

    def remember(self, text: str) -> None:
        """Where Up finds it."""
        self.sent.append(text)
        self._at = None

    def action_newline(self) -> None:
        start, end = sorted(self.selection)
        self.replace("\n", start, end, maintain_selection_offset=False)

    def action_earlier(self) -> None:
        if self.cursor_location[0] > 0:
            self.action_cursor_up()
        elif self.sent and self._at != 0:
            if self._at is None or self.text != self.sent[self._at]:
                self._draft = self.text
            self._show(len(self.sent) - 1 if self._at is None else self._at - 1)

    def action_later(self) -> None:
        if self.cursor_location[0] < self.document.line_count - 1:
            self.action_cursor_down()
        elif self._at is not None:
            self._show(self._at + 1)

    def recall(self, text: str) -> None:
        """Put ``text`` in, to be edited and asked again."""
        self.replace(text, (0, 0), self.document.end, maintain_selection_offset=False)
        self.move_cursor(self.document.end)

    def _show(self, at: int) -> None:
        past = at >= len(self.sent)
        self._at = None if past else at
        self.recall(self._draft if past else self.sent[at])
