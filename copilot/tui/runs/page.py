"""One run: what was asked, its steps as a waterfall, what there is to read of the current one.

Invariant: one replay runs at a time; leaving the page, or Esc, closes it in the core.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from datetime import datetime

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Resize
from textual.widgets import Static
from textual.worker import Worker, get_current_worker

from copilot import calls
from copilot.calls.runs import (
    ExplainRun,
    ExportRun,
    PassageShown,
    ReplayRun,
    RunExplained,
    RunExported,
    RunReplayed,
    ShowPassage,
)
from copilot.errors import CopilotError
from copilot.runs import ExplainedRun, RunPart, RunStep
from copilot.tui.area import Visit
from copilot.tui.commenting import CommentScreen
from copilot.tui.core import Core
from copilot.tui.dialogs import LineScreen, SureScreen
from copilot.tui.doings import Doings
from copilot.tui.runs.facts import facts, question
from copilot.tui.runs.parts import Parts
from copilot.tui.runs.replaying import begun, going_on, over, stopped
from copilot.tui.runs.rows import Rows
from copilot.tui.runs.waterfall import Waterfall
from copilot.tui.wording import shown_line

_CUT = 30  # characters that every line has room for
_LEAVE = ("Esc", "runs", "screen.back")
_STOP = ("Esc", "stop", "screen.back")
_DOINGS = (
    ("Tab", "details", "screen.turn_pane"),
    ("R", "replay", "screen.replay"),
    ("N", "today", "screen.replay(True)"),
    ("c", "chat", "screen.talk"),
    ("o", "document", "screen.document"),
    ("+", "good", "screen.rate('good')"),
    ("-", "bad", "screen.rate('bad')"),
    ("w", "comment", "screen.comment"),
    ("y", "copy", "screen.copy"),
    ("x", "export", "screen.export"),
)


class RunPage(Vertical):
    """``open`` a run; ``leave`` it."""

    def __init__(self, core: Core, now: Callable[[], datetime]) -> None:
        super().__init__(id="run-page")
        self._core = core
        self._now = now
        self.told: ExplainedRun | None = None
        self._replaying: Worker[None] | None = None

    def compose(self) -> ComposeResult:
        yield Static("", id="run-title", markup=False)
        yield Static("", id="run-facts", markup=False)
        yield Static("", id="run-axis", markup=False)
        yield Waterfall()
        yield Static("", id="run-step", markup=False)
        yield Parts()
        yield Doings(_LEAVE, *_DOINGS, classes="runs-hint")

    @property
    def _waterfall(self) -> Waterfall:
        return self.query_one(Waterfall)

    @property
    def _parts(self) -> Parts:
        return self.query_one(Parts)

    # --- the run --------------------------------------------------------------------------

    def open(self, run_id: str) -> None:
        """Show this run; an id or the beginning of one."""
        self.stop()
        self._waterfall.focus()
        if self.told is not None and not self.told.run.summary.id.startswith(run_id):
            self.told = None  # no key is about the one that is left
        self._load(run_id)

    def leave(self) -> None:
        self.stop()

    def stop(self) -> bool:
        """Stop a replay that runs; whether one did."""
        if self._replaying is None:
            return False
        self._replaying.cancel()
        self._replaying = None
        self._show_doings()
        return True

    def _show_doings(self) -> None:
        back = _LEAVE if self._replaying is None else _STOP
        self.query_one(Doings).say(back, *_DOINGS)

    @work(group="run", exclusive=True, exit_on_error=False)
    async def _load(self, run_id: str, *, at: int = 0) -> None:
        try:
            reply = await self._core.call(ExplainRun(run_id), RunExplained)
        except CopilotError as error:
            if self.told is None:
                self._clear()
            self._failed(error)
            return
        told = reply.told
        again = self.told is not None and self.told.run.summary.id == told.run.summary.id
        self.told = told
        self.query_one("#run-title", Static).update(question(told.run))
        self.query_one("#run-facts", Static).update(facts(told.run))
        steps = (*told.steps, *(self._replays if again else ()))
        self._waterfall.show(steps, told.took_ms, at=at)
        self._axis()
        self._show_step()

    def _clear(self) -> None:
        """There is nothing to show."""
        for name in ("#run-title", "#run-facts", "#run-axis", "#run-step"):
            self.query_one(name, Static).update("")
        self._waterfall.show((), 0.0)
        self._parts.show(())

    def _shows(self, run_id: str) -> bool:
        return self.told is not None and self.told.run.summary.id == run_id

    def _axis(self) -> None:
        if self.told is None:
            return
        width = self._waterfall.scrollable_content_region.width
        self.query_one("#run-axis", Static).update(self._waterfall.axis(width))

    def on_resize(self, event: Resize) -> None:
        self.call_after_refresh(self._axis)

    @on(Rows.Moved, "#run-waterfall")
    def _moved(self, event: Rows.Moved) -> None:
        event.stop()
        self._show_step()

    @on(Rows.Chosen, "#run-waterfall")
    def _chosen(self, event: Rows.Chosen) -> None:
        event.stop()
        self._show_step()
        if self._parts.count:
            self._parts.focus()

    def _show_step(self) -> None:
        step = self._waterfall.current
        if step is None:
            return
        parts = (*_in_full(step), *step.parts)
        head = step.title if parts else f"{step.title}: nothing more is recorded"
        self.query_one("#run-step", Static).update(shown_line(head))
        self._parts.show(parts, difference=step.kind == "replay")

    def on_descendant_focus(self) -> None:
        self.set_class(self._parts.has_focus, "-reading")

    def turn_pane(self) -> None:
        """From the steps to what there is to read, and back."""
        (self._parts if self._waterfall.has_focus else self._waterfall).focus()

    # --- a passage ------------------------------------------------------------------------

    @on(Rows.Chosen, "#run-parts")
    def _opened(self, event: Rows.Chosen) -> None:
        event.stop()
        part = self._parts.current
        if part is None or not part.passage_id:
            return
        if self._parts.is_open(part.passage_id):
            self._parts.close(part.passage_id)
        else:
            self._show_passage(part.passage_id)

    @work(group="passage", exclusive=True, exit_on_error=False)
    async def _show_passage(self, passage_id: str) -> None:
        if self.told is None:
            return
        run_id = self.told.run.summary.id
        try:
            found = await self._core.call(ShowPassage(run_id, passage_id), PassageShown)
        except CopilotError as error:
            self._failed(error)
            return
        if self._shows(run_id):
            self._parts.open(passage_id, found.text)

    # --- making it again ------------------------------------------------------------------

    def replay(self, *, today: bool = False) -> None:
        """Ask again what it asked, against the index of then, or of today."""
        if self.told is not None and self._replaying is None:
            self._replaying = self._replay(self.told.run.summary.id, today=today)
            self._show_doings()

    @work(group="replay", exit_on_error=False)
    async def _replay(self, run_id: str, *, today: bool) -> None:
        worker = get_current_worker()
        step = begun(today=today)
        self._put(run_id, step, goes=True)
        try:
            async with aclosing(self._core.stream(ReplayRun(run_id, today))) as steps:
                async for one in steps:
                    step = over(one.told) if isinstance(one, RunReplayed) else going_on(step, one)
                    self._put(run_id, step, goes=isinstance(one, RunReplayed))
        except CopilotError as error:
            self._put(run_id, stopped(error.message, error.hint), goes=True)
            self._failed(error)
        finally:
            if worker.is_cancelled:
                self._put(run_id, stopped("stopped"))
            elif self._replaying is worker:
                self._replaying = None
                self._show_doings()

    @property
    def _replays(self) -> list[RunStep]:
        return [step for step in self._waterfall.steps if step.kind == "replay"]

    def _place_of_replay(self) -> int:
        return len(self._waterfall.steps) - len(self._replays)

    def _put(self, run_id: str, step: RunStep, *, goes: bool = False) -> None:
        """Show how far the replay of a run is, if that is still the one that is shown.

        ``goes`` there, from wherever one is.
        """
        if not (self._shows(run_id) and self.is_attached):
            return
        at = self._place_of_replay()
        self._waterfall.replace(at, step)
        if goes:
            self._waterfall.go(at)
        if self._waterfall.at == at:
            self._show_step()

    # --- what is done with it -------------------------------------------------------------

    def copy(self) -> None:
        """Copy the run's id."""
        if self.told is not None:
            self.app.copy_to_clipboard(self.told.run.summary.id)
            self.notify("The run's id is copied.")

    def document(self) -> None:
        """Go to the document that the current part is of."""
        part = self._parts.current
        if self.told is None or part is None:
            return
        run = self.told.run
        places = {one.passage_id: one.path for one in run.citations}
        places |= {one.passage_id: one.path for one in run.hits}
        if path := places.get(part.passage_id):
            self.post_message(Visit("knowledge", path))
        else:
            self.notify("Choose a hit or a citation.", title="No document")

    def talk(self) -> None:
        """Go to the conversation that it is a turn of."""
        name = self.told.run.summary.conversation if self.told is not None else ""
        if name:
            self.post_message(Visit("chat", name))
        else:
            self.notify("It was asked outside any conversation.", title="No conversation")

    @work(group="rating", exit_on_error=False)
    async def rate(self, rating: str, comment: str = "", correction: str = "") -> None:
        """Say what one thinks of its answer."""
        if self.told is None:
            return
        run_id = self.told.run.summary.id
        try:
            await self._core.call(calls.Rate(run_id, rating, comment, correction), calls.Done)
        except CopilotError as error:
            self._failed(error)
            return
        self.notify(f"Rated {rating}.")
        if self._shows(run_id):
            self._load(run_id, at=self._waterfall.at)

    @work(group="comment", exclusive=True, exit_on_error=False)
    async def comment(self) -> None:
        """Rate it in words, or write what it should have been."""
        opinion = await self.app.push_screen_wait(CommentScreen())
        if opinion is not None:
            self.rate(opinion.rating, opinion.comment, opinion.correction)

    @work(group="export", exclusive=True, exit_on_error=False)
    async def export(self) -> None:
        """Write it to a file as JSON."""
        if self.told is None:
            return
        run_id = self.told.run.summary.id
        why = "JSON, with e-mail addresses, keys and so on left out."
        asked = LineScreen("Export this run", value=f"~/run-{run_id[:13]}.json", why=why)
        path = ((await self.app.push_screen_wait(asked)) or "").strip()
        if not path:
            return
        try:
            done = await self._core.call(ExportRun(run_id, path), RunExported)
            if not done.written:
                means = f"{shown_line(done.path)} is there already."
                sure = SureScreen("Write over this file?", means=means, yes="write over it")
                if not await self.app.push_screen_wait(sure):
                    return
                done = await self._core.call(ExportRun(run_id, path, replace=True), RunExported)
        except CopilotError as error:
            self._failed(error)
            return
        self.notify(shown_line(done.path), title="Exported", markup=False)

    def _failed(self, error: CopilotError) -> None:
        self.notify(
            shown_line(error.hint) or "The log tells more.",
            title=shown_line(error.message),
            severity="error",
            markup=False,
        )


def _in_full(step: RunStep) -> tuple[RunPart, ...]:
    """What somebody wrote and its line may have cut."""
    if not step.told or len(step.told) <= _CUT:
        return ()
    if step.kind == "asked":
        return (RunPart("asked:", (step.told,)),)
    return (RunPart(step.told),) if step.kind in ("model", "warning", "tool", "guard") else ()
