"""What is done to the index: add, sync, remove, rebuild, watch; with how far it is.

Invariant: one thing is done at a time, and can be stopped; what was committed by then stays.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import aclosing
from datetime import datetime
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static
from textual.worker import Worker, get_current_worker

from copilot.calls import Call, knowledge
from copilot.errors import CopilotError
from copilot.events import (
    DocumentFailed,
    DocumentIndexed,
    Event,
    IngestProgress,
    SyncFinished,
    Warned,
)
from copilot.tui.area import Area, News
from copilot.tui.core import Core
from copilot.tui.dialogs import SureScreen
from copilot.tui.knowledge.adding import AddScreen
from copilot.tui.knowledge.watched import Watched
from copilot.tui.knowledge.words import (
    counted,
    failures_of,
    lasted,
    outcome_of,
    progress_of,
    remedy,
)
from copilot.tui.wording import shown_line

_BAR = 16
_LONG_S = 5.0
_DRAWN_EVERY_S = 0.15


class Progress:
    """How far a piece of work is, gathered from its events."""

    def __init__(self, name: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.name = name
        self._clock = clock
        self._began = clock()
        self._at: IngestProgress | None = None
        self.passages = 0
        self.failures: list[DocumentFailed] = []
        self.notes: list[str] = []
        self.done: SyncFinished | None = None

    def take(self, event: object) -> None:
        match event:
            case IngestProgress():
                self._at = event
            case DocumentIndexed(_, passages, change) if change != "removed":
                self.passages += passages
            case DocumentFailed():
                self.failures.append(event)
            case Warned():
                self.notes.append(event.message)
            case SyncFinished():
                self.done = event
            case _:
                pass

    def line(self) -> Content:
        at = self._at
        if at is None:
            said = self.notes[-1] if self.notes else "begins …"
            return Content.assemble((self.name, "bold"), "  ", shown_line(said))
        took = max(0.1, self._clock() - self._began)
        share = at.done / at.total if at.total else 0.0
        full = round(share * _BAR)
        parts = [progress_of(at, rate=at.done / took)]
        if self.passages:
            parts.append(counted(self.passages, "passage"))
        if took >= _LONG_S:
            parts.append(lasted(took))
        return Content.assemble(
            (self.name, "bold"),
            "  ",
            ("━" * full, "$accent"),
            ("─" * (_BAR - full), "$text-disabled"),
            "  ",
            " · ".join(parts),
        )

    def trouble(self) -> str:
        """The last thing that could not be read, or that there was to say."""
        if self.failures:
            many = f"{len(self.failures):,} failed, " if len(self.failures) > 1 else ""
            return f"✗ {many}{failures_of(self.failures)}"
        return shown_line(f"! {self.notes[-1]}") if self.notes else ""


class TendingArea(Area):
    """Does one thing at a time with the index, and tells how far it is."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", "Add a folder", id="knowledge.add"),
        Binding("s", "sync", "Sync this source", id="knowledge.sync"),
        Binding("S", "sync_all", "Sync all", id="knowledge.sync_all"),
        Binding("t", "retry", "Read again what failed", id="knowledge.retry"),
        Binding("x", "stop", "Stop what is being done", id="knowledge.stop"),
        Binding("w", "watch", "Watch for changes, or not", id="knowledge.watch"),
        Binding("D,delete", "remove", "Remove from the index", id="knowledge.remove"),
        Binding("R", "rebuild", "Build the index anew", id="knowledge.rebuild"),
    ]

    def __init__(self, core: Core, now: Callable[[], datetime]) -> None:
        super().__init__(core, now)
        self._work: Worker[None] | None = None
        self._watching: Worker[None] | None = None

    # --- what the area says ---------------------------------------------------------------

    def chosen_source(self) -> str:
        """The root of the source that keys are about; empty for none."""
        raise NotImplementedError

    def chosen_path(self) -> str:
        """The source, folder or document that keys are about; empty for none."""
        raise NotImplementedError

    def load(self) -> object:
        """Look at the index anew."""
        raise NotImplementedError

    def draw_doings(self) -> None:
        """Say what can be done now."""
        raise NotImplementedError

    @property
    def busy(self) -> bool:
        return self._work is not None

    @property
    def watching(self) -> bool:
        return self._watching is not None

    # --- adding, syncing, removing --------------------------------------------------------

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_add(self, path: str = "") -> None:
        """Ask for a folder, remember it, and read it."""
        asked = await self.app.push_screen_wait(AddScreen(self.core, path))
        if asked is None:
            return
        try:
            added = await self.core.call(asked, knowledge.SourceAdded)
        except CopilotError as error:
            self.failed(error)
            return
        for warning in added.warnings:
            self.notify(shown_line(warning), severity="warning", markup=False)
        self.load()
        self._tend(knowledge.Sync(added.root), "Sync")

    def action_sync(self) -> None:
        self._sync(self.chosen_source())

    def action_sync_all(self) -> None:
        self._sync("")

    def action_retry(self) -> None:
        self._sync(self.chosen_source(), retry=True)

    def _sync(self, source: str, *, retry: bool = False) -> None:
        self._tend(knowledge.Sync(source, retry), "Sync")

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_remove(self) -> None:
        """Forget a source, or leave out what lies inside one; asked first."""
        path = self.chosen_path()
        if not path:
            return
        whole = path == self.chosen_source()
        means = (
            "Its documents leave the index. The files stay as they are."
            if whole
            else "It leaves the index, and is passed over from now on. The file stays as it is."
        )
        asked = SureScreen(f"Remove {shown_line(path)}?", means=means, yes="removes it")
        if await self.app.push_screen_wait(asked):
            self._tend(knowledge.RemoveFromIndex(path), "Remove")

    @work(group="asking", exclusive=True, exit_on_error=False)
    async def action_rebuild(self) -> None:
        """Empty the index and read every source again; asked first."""
        means = "Every source is read again, which may take long. Until then little is found."
        asked = SureScreen("Build the index anew?", means=means, yes="builds it anew")
        if await self.app.push_screen_wait(asked):
            self._tend(knowledge.RebuildIndex(), "Rebuild")

    def action_stop(self) -> None:
        """Stop what is being done; what was committed stays."""
        if self._work is not None:
            self._work.cancel()

    @work(group="tending", exit_on_error=False)
    async def _tend(self, call: Call, name: str) -> None:
        if self._work is not None:
            self.notify("Something is being done with the index. x stops it.", title="One moment")
            return
        self._work = get_current_worker()
        told, stopped = Progress(name), True
        self.draw_doings()
        try:
            await self._follow(call, told)
            stopped = False
        except CopilotError as error:
            stopped = False
            self._tell_work("", "")
            self.failed(CopilotError(error.message, hint=remedy(error.hint)))
        finally:
            self._work = None
            if self.is_attached:
                self._ended(told, stopped=stopped)

    async def _follow(self, call: Call, told: Progress) -> None:
        def draw() -> None:
            self._tell_work(told.line(), told.trouble())

        draw()
        ticking = self.set_interval(_DRAWN_EVERY_S, draw)  # also when a large file takes its time
        try:
            async with aclosing(self.core.stream(call)) as steps:
                async for step in steps:
                    told.take(step)
        finally:
            ticking.stop()

    def _ended(self, told: Progress, *, stopped: bool) -> None:
        if stopped:
            self._tell_work("Stopped. What was read by then is kept; s goes on.", told.trouble())
        elif told.done is not None:
            self._tell_work(f"✓ {outcome_of(told.done)}", told.trouble())
        self.draw_doings()
        self.load()
        self.refresh_standing()

    def _tell_work(self, line: Content | str, trouble: str) -> None:
        for name, said in (("#work", line), ("#trouble", trouble)):
            widget = self.query_one(name, Static)
            content = said if isinstance(said, Content) else Content(said)
            widget.update(content)
            widget.display = bool(content.plain)

    # --- watching -------------------------------------------------------------------------

    def action_watch(self) -> None:
        """Watch the sources for changes while the application runs, or no longer."""
        if self._watching is not None:
            self._watching.cancel()
            return
        self._watching = self._watch()
        self.draw_doings()

    @work(group="watching", exit_on_error=False)
    async def _watch(self) -> None:
        self._tell_news("watching")
        watched = Watched()
        try:
            async with aclosing(self.core.stream(knowledge.Watch())) as steps:
                async for step in steps:
                    watched.take(step)
                    self._heard(step, watched)
        except CopilotError as error:
            self.failed(CopilotError(error.message, hint="w watches again."))
        finally:
            self._watching = None
            if self.is_attached:
                self._tell_news("")
                self.draw_doings()

    def _heard(self, step: Event | object, watched: Watched) -> None:
        if isinstance(step, Warned):
            self._tell_news(f"watching: {shown_line(step.message)}")
        elif isinstance(step, SyncFinished):
            moved = step.added + step.updated + step.removed
            if moved:
                at = f"{self.now().astimezone():%H:%M}"
                self._tell_news(f"watching: {moved:,} changed {at}")
            if watched.failures:
                self.notify(
                    failures_of(watched.failures),
                    title=f"{counted(len(watched.failures), 'file')} can't be read",
                    severity="warning",
                    markup=False,
                )
            self.load()

    def _tell_news(self, said: str) -> None:
        self.post_message(News(said))
