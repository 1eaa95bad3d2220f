"""Where a question is typed: several lines, history, sent by Enter.

Invariant: what was typed is never lost: a question that is recalled or stopped leaves the draft
where Down or Up finds it.
"""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Key
from textual.message import Message
from textual.widgets import TextArea


class Composer(TextArea):
    """A text area that posts ``Sent`` on Enter. ``sent``: what was sent, oldest first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "send", "Send"),
        Binding("ctrl+j", "newline", "New line"),
        Binding("up", "earlier", "Earlier", show=False),
        Binding("down", "later", "Later", show=False),
    ]

    class Sent(Message):
        """Somebody sent ``text``."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, *, sent: list[str] | None = None) -> None:
        super().__init__(
            placeholder="Ask your documents …",
            show_line_numbers=False,
            soft_wrap=True,
            compact=True,
            highlight_cursor_line=False,
            id="composer",
        )
        self.sent = sent if sent is not None else []
        self._at: int | None = None
        self._draft = ""

    async def _on_key(self, event: Key) -> None:
        """Enter, in its turn: a priority binding would overtake the letters typed before it."""
        if event.key == "enter":
            event.stop()
            event.prevent_default()
            self.action_send()
        elif event.key == "ctrl+j":
            event.stop()
            event.prevent_default()
            self.action_newline()
        else:
            await super()._on_key(event)

    def action_send(self) -> None:
        text = self.text.strip()
        if not text:
            return
        self.sent.append(text)
        self._at = None
        self.clear()
        self.post_message(self.Sent(text))

    def action_newline(self) -> None:
        self.insert("\n")

    def action_earlier(self) -> None:
        if self.cursor_location[0] > 0:
            self.action_cursor_up()
        elif self.sent and self._at != 0:
            if self._at is None:
                self._draft = self.text
            self._show(len(self.sent) - 1 if self._at is None else self._at - 1)

    def action_later(self) -> None:
        if self.cursor_location[0] < self.document.line_count - 1:
            self.action_cursor_down()
        elif self._at is not None:
            self._show(self._at + 1)

    def recall(self, text: str) -> None:
        """Put ``text`` in, to be edited and asked again."""
        self.text = text
        self.move_cursor(self.document.end)

    def _show(self, at: int) -> None:
        past = at >= len(self.sent)
        self._at = None if past else at
        self.recall(self._draft if past else self.sent[at])
