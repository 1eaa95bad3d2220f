"""What is about to be asked: questions that wait, and in whose place the next one is.

Invariant: each can be taken back; nothing of it is asked until its turn comes.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.style import Style
from textual.widgets import Static

from copilot.tui.wording import shown_line

_MOST = 3  # lines of those that wait
_LONGEST = 40  # characters of a question


class Waiting(Static):
    """Lines above the composer; none where nothing waits."""

    DEFAULT_CSS = """
    Waiting {
        height: auto; padding: 0 2; color: $text-muted; display: none;
        link-color: $text-muted; link-style: underline; link-background: transparent;
        link-color-hover: $accent; link-background-hover: transparent;
    }
    """

    def show(self, questions: Sequence[str], *, instead_of: str = "") -> None:
        """``instead_of``: the question that the next one is asked in the place of."""
        lines = []
        if instead_of:
            told = f"asks anew “{_short(instead_of)}”, without what came after"
            lines.append(_line("✎", told, ("as a new one", "as_new")))
        for at, question in enumerate(questions[:_MOST]):
            do = (("take back", f"take_back({at})"), ("drop", f"drop({at})"))
            lines.append(_line("…", f"waits: {_short(question)}", *do))
        if len(questions) > _MOST:
            lines.append(_line("…", f"{len(questions) - _MOST} more wait"))
        self.display = bool(lines)
        self.update(Content("\n").join(lines))


def _short(question: str) -> str:
    line = shown_line(question)
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _line(mark: str, text: str, *doings: tuple[str, str]) -> Content:
    parts = [Content(f"{mark} {text}")]
    for word, action in doings:
        parts.append(Content(word).stylize(Style.from_meta({"@click": f"screen.{action}"})))
    return Content(" · ").join(parts)
