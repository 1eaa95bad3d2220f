"""The runs: a list to look through, and one of them step by step.

Invariant: it shows what the core tells of a run, and reckons nothing itself; a replay that is left
is closed in the core.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import ClassVar, get_args

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.events import Resize
from textual.widgets import Input, Label, Static

from copilot.calls.runs import ListRuns, Runs
from copilot.errors import CopilotError
from copilot.events import RunKind
from copilot.messages import Status
from copilot.runs import RunSummary
from copilot.tui.area import Area
from copilot.tui.doings import Doings
from copilot.tui.runs.page import RunPage
from copilot.tui.runs.run_list import RunList
from copilot.tui.wording import shown_line

_PAUSE_S = 0.25  # of typing, before it is looked for
_PAGE = 200
_AGAIN = 2_000  # runs that are looked at anew where one has scrolled so far
_OF_THE_LIST = ("filter", "cycle", "reload", "open")
_OF_A_PAGE = (
    "turn_pane",
    "replay",
    "talk",
    "document",
    "rate",
    "comment",
    "copy",
    "export",
    "turn",
)
_VALUE = r"((?:'[^']*'|\"[^\"]*\"|\\.|[^\s'\"\\])*)"  # of a part of a choice, maybe quoted
_RUN_ID = re.compile(r"[0-9a-f]{8}-?[0-9a-f-]*|last")
_CYCLES = {
    "status": ("", *(status.value for status in Status), "interrupted"),
    "kind": ("", *get_args(RunKind)),
    "since": ("", "24h", "7d", "30d"),
}


class RunsArea(Area):
    """The list, or over it the page of a run."""

    AREA: ClassVar = "runs"
    CSS_PATH = "runs.tcss"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (32, "-tall")]  # noqa: RUF012 (Textual's type)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", key_display="/", id="runs.filter"),
        Binding("s", "cycle('status')", "Status", id="runs.status"),
        Binding("t", "cycle('kind')", "Kind", id="runs.kind"),
        Binding("p", "cycle('since')", "Period", id="runs.period"),
        Binding("m", "cycle('model')", "Model", id="runs.model"),
        Binding("r", "reload", "Refresh", id="runs.refresh"),
        Binding("escape", "back", "Back", id="runs.back"),
        Binding("tab", "turn_pane", "Steps or details", show=False, id="runs.pane"),
        Binding("R", "replay", "Replay", key_display="R", id="runs.replay"),
        Binding("N", "replay(True)", "Replay today", key_display="N", id="runs.replay_today"),
        Binding("c", "talk", "Conversation", id="runs.conversation"),
        Binding("o", "document", "Its document", id="runs.document"),
        Binding("plus", "rate('good')", "Good", key_display="+", id="runs.good"),
        Binding("minus", "rate('bad')", "Bad", key_display="-", id="runs.bad"),
        Binding("w", "comment", "Rate in words", id="runs.comment"),
        Binding("y", "copy", "Copy the id", id="runs.copy"),
        Binding("x", "export", "Export", id="runs.export"),
        Binding("left_square_bracket", "turn(-1)", "Newer run", key_display="[", id="runs.newer"),
        Binding("right_square_bracket", "turn(1)", "Older run", key_display="]", id="runs.older"),
    ]

    def body(self) -> ComposeResult:
        with Vertical(id="runs-found"):
            with Horizontal(id="runs-choice"):
                yield Label("Filter  ")
                yield Input(
                    placeholder="words of the question, an id, status=failed since=7d",
                    compact=True,
                    select_on_focus=False,
                    id="runs-filter",
                )
            yield Static("", id="runs-told", markup=False)
            yield Static("", id="run-heads", markup=False)
            yield RunList(self.now())
            yield Doings(
                ("Enter", "open", "screen.open"),
                ("/", "filter", "screen.filter"),
                ("s", "status", "screen.cycle('status')"),
                ("t", "kind", "screen.cycle('kind')"),
                ("p", "period", "screen.cycle('since')"),
                ("m", "model", "screen.cycle('model')"),
                ("r", "refresh", "screen.reload"),
                classes="runs-hint",
            )
        yield RunPage(self.core, self.now)

    def on_mount(self) -> None:
        self._more = False
        self._choice: str | None = None
        self._sought = ""
        self._asked_for = ""
        self._models: set[str] = set()

    def arrive(self) -> None:
        super().arrive()
        self._look(self._typed)
        if not self.has_class("-page"):
            self._list.focus()

    def visit(self, what: str) -> None:
        """A run by its id or the beginning of one, else a choice of runs."""
        if _RUN_ID.fullmatch(what.strip()):
            self._open(what.strip())
            return
        self._close()
        self._field.value = what
        self._look(what)

    @property
    def _list(self) -> RunList:
        return self.query_one(RunList)

    @property
    def _page(self) -> RunPage:
        return self.query_one(RunPage)

    @property
    def _field(self) -> Input:
        return self.query_one("#runs-filter", Input)

    @property
    def _typed(self) -> str:
        return self._field.value.strip()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key is for the list or for a page."""
        on_page = self.has_class("-page")
        if action in _OF_A_PAGE and not on_page:
            return False
        return not (action in _OF_THE_LIST and on_page)

    # --- the list -------------------------------------------------------------------------

    def _look(self, choice: str, *, typing: bool = False) -> None:
        self._sought = choice
        self._load(choice, typing=typing)

    @work(group="runs", exclusive=True, exit_on_error=False)
    async def _load(self, choice: str, *, typing: bool = False) -> None:
        """The first page of a choice. ``typing``: it may not be whole yet."""
        if typing:
            await asyncio.sleep(_PAUSE_S)
        held = self._list.count if choice == self._choice else 0
        try:
            call = ListRuns(choice, max(_PAGE, min(held, _AGAIN)))
            told = await self.core.call(call, Runs)
        except CopilotError as error:
            self._say(f"{error.message}. {error.hint}".rstrip(". "), wrong=True)
            if not typing:
                self.failed(error)
            return
        self._choice, self._more = choice, told.more
        self._list.show(told.found, self.now())
        self._models |= {run.model for run in told.found}
        self._heads()
        self._count(told.notices)

    @work(group="more", exclusive=True, exit_on_error=False)
    async def _load_more(self, choice: str, last: RunSummary) -> None:
        try:
            told = await self.core.call(ListRuns(choice, _PAGE, last), Runs)
        except CopilotError as error:
            self.failed(error)
            return
        finally:
            if self._asked_for == last.id:
                self._asked_for = ""
        if choice == self._choice and self._list.last == last:
            self._more = told.more
            self._list.add(told.found)
            self._count(())

    def _count(self, notices: Sequence[str]) -> None:
        count = self._list.count
        said = f"{count:,} run{'' if count == 1 else 's'}"
        said += ", and more below" if self._more else ""
        if not count:
            said = "No such run." if self._choice else "No runs yet: ask something first."
        self._say("  ·  ".join([said, *notices]))

    def _say(self, text: str, *, wrong: bool = False) -> None:
        told = self.query_one("#runs-told", Static)
        told.set_class(wrong, "-wrong")
        told.update(shown_line(text))

    def _heads(self) -> None:
        width = self._list.scrollable_content_region.width
        self.query_one("#run-heads", Static).update(self._list.heads(width))

    @on(Resize)
    def _resized(self) -> None:
        self.call_after_refresh(self._heads)

    @on(RunList.Wanted)
    def _wanted(self, event: RunList.Wanted) -> None:
        event.stop()
        last = self._list.last
        if self._more and last is not None and self._asked_for != last.id:
            self._asked_for = last.id
            self._load_more(self._choice or "", last)

    @on(RunList.Chosen, "#run-list")
    def _chosen(self, event: RunList.Chosen) -> None:
        event.stop()
        self.action_open()

    @on(Input.Changed, "#runs-filter")
    def _typing(self, event: Input.Changed) -> None:
        event.stop()
        if event.value.strip() != self._sought:
            self._look(event.value.strip(), typing=True)

    @on(Input.Submitted, "#runs-filter")
    def _typed_whole(self, event: Input.Submitted) -> None:
        event.stop()
        self._look(event.value.strip())
        self._list.focus()

    def action_filter(self) -> None:
        """Type which runs are wanted, of those that are chosen already."""
        if self._typed:
            self._field.value = f"{self._typed} "
        self._field.cursor_position = len(self._field.value)
        self._field.focus()

    def action_cycle(self, name: str) -> None:
        """The next value of one part of the choice; after the last one any."""
        # Of models those that were seen here, and whose names need no quotation marks.
        models = sorted(one for one in self._models if re.fullmatch(r"[\w./:-]+", one))
        values = ("", *models) if name == "model" else _CYCLES[name]
        found = re.search(rf"(?<!\S){name}={_VALUE}", self._typed)
        now = found[1] if found else ""
        after = values[(values.index(now) + 1) % len(values)] if now in values else ""
        part = "(?:since|until)" if name == "since" else name  # a period that ended is left whole
        rest = re.sub(rf"(?<!\S){part}={_VALUE}\s*", "", self._typed).strip()
        self._field.value = " ".join(filter(None, (rest, f"{name}={after}" if after else "")))
        self._look(self._typed)

    def action_reload(self) -> None:
        """Look again."""
        self._look(self._typed)

    # --- the page -------------------------------------------------------------------------

    def action_open(self) -> None:
        """Show the current run step by step."""
        if self._list.current is not None:
            self._open(self._list.current.id)

    def _open(self, run_id: str) -> None:
        self.add_class("-page")
        self.refresh_bindings()
        self._page.open(run_id)

    def _close(self) -> None:
        self._page.leave()
        self.remove_class("-page")
        self.refresh_bindings()
        self._list.focus()

    def action_turn(self, by: int) -> None:
        """The page of the run above or below in the list."""
        run = self._list.step(by)
        if run is not None and self.has_class("-page"):
            self._page.open(run.id)

    def action_back(self) -> None:
        """Out of what one is in: a replay, a page, the filter, a choice."""
        if self.has_class("-page"):
            if not self._page.stop():
                self._close()
        elif self._field.has_focus:
            self._list.focus()
        elif self._typed:
            self._field.value = ""
            self._look("")

    def action_turn_pane(self) -> None:
        """From the steps to what there is to read, and back."""
        self._page.turn_pane()

    def action_replay(self, today: bool = False) -> None:
        """Ask again what it asked, against the index of then, or of today."""
        self._page.replay(today=today)

    def action_talk(self) -> None:
        """Go to the conversation that it is a turn of."""
        self._page.talk()

    def action_document(self) -> None:
        """Go to the document that a hit or a citation is of."""
        self._page.document()

    def action_rate(self, rating: str) -> None:
        """Say what one thinks of its answer."""
        self._page.rate(rating)

    def action_comment(self) -> None:
        """Rate it in words, or write what it should have been."""
        self._page.comment()

    def action_copy(self) -> None:
        """Copy the run's id."""
        self._page.copy()

    def action_export(self) -> None:
        """Write it to a file as JSON."""
        self._page.export()
