"""The conversations so far: searched as one types, named, pinned, written out, deleted.

Invariant: what it returns is the name of a conversation that the core listed, an empty one when
the one that was open was deleted, or None; nothing is deleted or written over without a yes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from copilot import calls
from copilot.calls import Session
from copilot.errors import CopilotError
from copilot.tui.core import Core
from copilot.tui.dialogs import LineScreen, SureScreen
from copilot.tui.doings import Doings
from copilot.tui.exporting import export
from copilot.tui.session_list import Row, SessionList
from copilot.tui.wording import shown_line

_FIRST, _PAGE = 200, 500
_PAUSE_S = 0.2  # that somebody makes in typing before texts are searched


class SessionsScreen(ModalScreen[str | None]):
    """All conversations, pinned ones first, then the latest. ``current`` is open just now."""

    CSS_PATH = "sessions.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", id="sessions.back"),
        # With priority: what is typed right after it is meant for the list.
        Binding("down", "down", "To the list", show=False, priority=True, id="sessions.list"),
        Binding("slash", "search", "Search", show=False, id="sessions.search"),
        Binding("r,f2", "rename", "Rename", id="sessions.rename"),
        Binding("p", "pin", "Pin or unpin", id="sessions.pin"),
        Binding("x", "export", "Export", id="sessions.export"),
        Binding("d,delete", "delete", "Delete", id="sessions.delete"),
    ]

    def __init__(self, core: Core, now: datetime, current: str = "") -> None:
        super().__init__()
        self._core = core
        self._now = now
        self._current = current
        self._all: list[Row] = []
        self._folded: list[str] = []
        self._names: set[str] = set()
        self._hits: Sequence[Row] = ()
        self._gone = False

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog", id="sessions-dialog"):
            yield Static("Conversations", classes="heading", id="sessions-heading")
            yield Input(placeholder="Search titles and texts …", compact=True)
            yield SessionList(self._now)
            yield Doings(
                ("Enter", "go on", "screen.choose"),
                ("r", "rename", "screen.rename"),
                ("p", "pin", "screen.pin"),
                ("x", "export", "screen.export"),
                ("d", "delete", "screen.delete"),
                ("Esc", "back", "screen.leave"),
                classes="hint",
            )

    def on_mount(self) -> None:
        self._fill()

    # --- what is listed -------------------------------------------------------------------

    @work(group="fill", exclusive=True, exit_on_error=False)
    async def _fill(self) -> None:
        """Page by page: the first is there at once, whatever comes after it."""
        start, limit = 0, _FIRST
        while True:
            try:
                told = await self._core.call(calls.ListSessions(start, limit), calls.Sessions)
            except CopilotError as error:
                self._failed(error)
                return
            if start == 0:
                self._set(told.found)
            else:
                self._add(told.found)
            start, limit = start + len(told.found), _PAGE
            if start >= told.total or not told.found:
                return

    def _set(self, sessions: Sequence[Session]) -> None:
        self._all, self._folded, self._names = [], [], set()
        self._add(sessions)

    def _add(self, sessions: Sequence[Session]) -> None:
        for one in sessions:
            if one.name not in self._names:  # one that moved between two pages comes twice
                self._names.add(one.name)
                self._all.append(Row(one))
                self._folded.append(one.title.casefold())
        self._show()

    @property
    def _sessions(self) -> list[Session]:
        return [row.session for row in self._all]

    def _show(self, *, stay: bool = True) -> None:
        words = self.query_one(Input).value.casefold().split()
        rows = self._all
        if words:
            found = zip(rows, self._folded, strict=True)
            rows = [row for row, folded in found if all(word in folded for word in words)]
            named = {row.session.name for row in rows}
            rows += [row for row in self._hits if row.session.name not in named]
        self.query_one(SessionList).show(rows, stay=stay)
        count = f"{len(rows)} of {len(self._all)}" if words else f"{len(self._all)}"
        self.query_one("#sessions-heading", Static).update(f"Conversations · {count}")

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._hits = ()
        self._show(stay=False)
        self._search(event.value)

    @work(group="search", exclusive=True, exit_on_error=False)
    async def _search(self, words: str) -> None:
        if not words.strip():
            return
        await asyncio.sleep(_PAUSE_S)
        try:
            told = await self._core.call(calls.SearchSessions(words), calls.SessionHits)
        except CopilotError as error:
            self._failed(error)
            return
        self._hits = [Row(one.session, one.snippet) for one in told.found]
        self._show()

    # --- keys and the mouse ---------------------------------------------------------------

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_choose()

    def on_items_opened(self, event: SessionList.Opened) -> None:
        event.stop()
        one = self.query_one(SessionList).current
        if one is not None:
            self.dismiss(one.name)

    def action_choose(self) -> None:
        self.query_one(SessionList).action_open()

    def action_leave(self) -> None:
        self.dismiss("" if self._gone else None)

    def action_down(self) -> None:
        """From the search to the list, or a row further in it."""
        rows = self.query_one(SessionList)
        if rows.has_focus:
            rows.action_move(1)
        else:
            rows.focus()

    def action_search(self) -> None:
        self.query_one(Input).focus()

    # --- what is done with one ------------------------------------------------------------

    @work(group="do", exclusive=True, exit_on_error=False)
    async def action_rename(self) -> None:
        """Give it another title."""
        one = self.query_one(SessionList).current
        if one is None:
            return
        asked = LineScreen(
            "Rename",
            value=shown_line(one.title) if one.named else "",
            placeholder=shown_line(one.title),
            why="Empty: its first question is its title again.",
        )
        title = await self.app.push_screen_wait(asked)
        if title is None or not await self._do(calls.RenameSession(one.name, title)):
            return
        try:  # what it is called by itself, the core knows
            told = await self._core.call(calls.LoadSession(one.name, limit=1), calls.Loaded)
        except CopilotError as error:
            self._failed(error)
            return
        self._renew(replace(one, title=told.session.title, named=told.session.named))

    @work(group="do", exclusive=True, exit_on_error=False)
    async def action_pin(self) -> None:
        """Keep it above the others, or let it go down again."""
        one = self.query_one(SessionList).current
        if one is not None and await self._do(calls.PinSession(one.name, not one.pinned)):
            self._renew(replace(one, pinned=not one.pinned))

    @work(group="do", exclusive=True, exit_on_error=False)
    async def action_export(self) -> None:
        """Write it to a file."""
        one = self.query_one(SessionList).current
        if one is not None:
            await export(self, self._core, one)

    @work(group="do", exclusive=True, exit_on_error=False)
    async def action_delete(self) -> None:
        """Delete it, if that is really meant."""
        one = self.query_one(SessionList).current
        if one is None:
            return
        sure = SureScreen(
            "Delete this conversation?",
            means=f"“{shown_line(one.title)}” is deleted for good. What the ledger holds of its "
            "runs stays as long as runs are kept.",
            yes="delete",
        )
        if await self.app.push_screen_wait(sure) and await self._do(calls.DeleteSession(one.name)):
            self._gone = self._gone or one.name == self._current
            self._hits = [row for row in self._hits if row.session.name != one.name]
            self._set([other for other in self._sessions if other.name != one.name])

    def _renew(self, now: Session) -> None:
        """One is another by now, wherever it is listed."""
        self._hits = [
            replace(row, session=now) if row.session.name == now.name else row for row in self._hits
        ]
        changed = [now if one.name == now.name else one for one in self._sessions]
        changed.sort(key=lambda one: one.touched_at, reverse=True)
        self._set(sorted(changed, key=lambda one: not one.pinned))

    async def _do(self, call: calls.Call) -> bool:
        try:
            await self._core.call(call, calls.Done)
        except CopilotError as error:
            self._failed(error)
            return False
        return True

    def _failed(self, error: CopilotError) -> None:
        self.notify(
            shown_line(error.hint) or "The log tells more.",
            title=shown_line(error.message),
            severity="error",
            markup=False,
        )
