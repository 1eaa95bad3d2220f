"""The last line: who answers, today's money, how fresh the index is, what is going on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from rich.cells import cell_len
from textual.content import Content
from textual.widgets import Static

from copilot.calls import Stands
from copilot.tui.wording import shown_line


class StatusLine(Static):
    """Says where things stand; ``mode`` is what the person is doing.

    Beside how fresh the index is stands what the application has heard of it: its ``news``.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__("starting …", id="status-line")
        self._now = now
        self._stands: Stands | None = None
        self._mode = self._news = ""

    def on_mount(self) -> None:
        self.watch(self.app, "news", self._heard)

    def _heard(self, news: str) -> None:
        self._news = news
        self._show()

    def stands(self, told: Stands) -> None:
        self._stands = told
        self._show()

    def mode(self, mode: str) -> None:
        self._mode = mode
        self._show()

    def on_resize(self) -> None:
        self._show()

    def _show(self) -> None:
        lines = [" · ".join(part for part in parts if part) for parts in self._ways()]
        room = self.size.width
        fitting = (line for line in lines if not room or cell_len(line) <= room)
        self.update(Content(next(fitting, lines[-1])))

    def _ways(self) -> Iterator[tuple[str, ...]]:
        """What to say, and what of it where there is less and less room."""
        told = self._stands
        if told is None:
            yield "starting …", self._news, self._mode
            return
        who, money, age = _answerer(told), _money(told), _age(told, self._now())
        news, mode = self._news, self._mode
        yield who, money, age, news, mode
        who = who.rpartition("/")[2]
        yield who, money, age, news, mode
        yield who, money, news, mode
        yield who, money, mode
        yield who, mode


def _answerer(told: Stands) -> str:
    return shown_line(told.model) if told.model else "quoting"


def _money(told: Stands) -> str:
    """With the limit, or where an alert begins; a sign once it is reached."""
    if told.spent_usd is None:
        return "spend unknown"
    spent, limit = f"${told.spent_usd:.2f}", told.limit_usd
    if limit is not None:
        return f"{_reached(told.spent_usd, limit)}{spent} of ${limit:.2f} today"
    if told.alert_usd is not None:
        reached = _reached(told.spent_usd, told.alert_usd)
        return f"{reached}{spent} today, alert at ${told.alert_usd:.2f}"
    return f"{spent} today"


def _reached(spent: float, bound: float) -> str:
    return "▲ " if spent >= bound else ""


def _age(told: Stands, now: datetime) -> str:
    if not told.synced_at:
        return "never synced"
    seconds = (now - datetime.fromisoformat(told.synced_at)).total_seconds()
    for size, name in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"synced {seconds // size:.0f} {name} ago"
    return "synced just now"
