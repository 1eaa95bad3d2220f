"""A place of the application: which places there are above it, where things stand below.

Invariant: an area speaks with the core alone, knows no other area, and asks to go elsewhere by a
message.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.events import Resize
from textual.message import Message
from textual.screen import Screen

from copilot import calls
from copilot.errors import CopilotError
from copilot.tui.area_bar import AreaBar
from copilot.tui.core import Core
from copilot.tui.status_line import StatusLine
from copilot.tui.wording import shown_line

_TINY = 8  # lines


class Visit(Message):
    """Somebody wants to go to an area, for ``what``: an id, a path, a filter; empty for itself."""

    def __init__(self, area: str, what: str = "") -> None:
        super().__init__()
        self.area = area
        self.what = what


class News(Message):
    """There is something new of the index, whichever area is in front; empty: no more."""

    def __init__(self, said: str) -> None:
        super().__init__()
        self.said = said


class Area(Screen[None]):
    """``now`` gives the time, aware."""

    AREA: ClassVar[str]

    def __init__(self, core: Core, now: Callable[[], datetime]) -> None:
        super().__init__()
        self.core = core
        self.now = now

    def compose(self) -> ComposeResult:
        yield AreaBar(self.AREA)
        yield from self.body()
        yield StatusLine(self.now)

    def body(self) -> ComposeResult:
        """What stands between the bar and the status line."""
        raise NotImplementedError

    def on_resize(self, event: Resize) -> None:
        self.set_class(event.size.height < _TINY, "-tiny")

    def arrive(self) -> None:
        """The area comes to the front, the first time or again."""
        self.refresh_standing()

    def visit(self, what: str) -> None:
        """Somebody came for a thing of this area."""

    def failed(self, error: CopilotError) -> None:
        """Tell what went wrong, and what to do."""
        self.notify(
            shown_line(error.hint) or "The log tells more.",
            title=shown_line(error.message),
            severity="error",
            markup=False,
        )

    @work(group="standing", exclusive=True, exit_on_error=False)
    async def refresh_standing(self) -> None:
        """Ask the core where things stand, and show it."""
        try:
            told = await self.core.call(calls.Standing(), calls.Stands)
        except CopilotError as error:
            self.failed(error)
            return
        self.query_one(StatusLine).stands(told)
        self.query_one(AreaBar).waiting = told.waiting
