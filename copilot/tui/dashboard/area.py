"""The dashboard: figures of a period, one of them plotted, the groups, the runs behind each.

Invariant: what is shown is of one moment and says when it can't be had; what was loaded stays
until something newer has come, so that nothing flickers.
"""

from __future__ import annotations

import time
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.widgets import Static

from copilot.calls.dashboard import LookOver, Period
from copilot.charts import MOMENTS
from copilot.errors import CopilotError
from copilot.figures import Overview
from copilot.tui.area import Area, Visit
from copilot.tui.dashboard.chart import Chart
from copilot.tui.dashboard.choices import GROUPS, KINDS, PERIODS, Choices
from copilot.tui.dashboard.metrics import BY_NAME, METRICS, NAMES, Drawn, Metric, totals
from copilot.tui.dashboard.standing import AlertsScreen, Standing
from copilot.tui.dashboard.table import Groups
from copilot.tui.dashboard.tiles import Tiles
from copilot.tui.doings import Doings
from copilot.tui.wording import shown_line

_EVERY_S = 30
_MARGINS = 11  # columns beside a row
_REST = 20  # times as long as the last look took, until one that nobody asked for
_DOINGS = (
    ("1–4", "period", ""),
    ("←→", "figure", ""),
    ("g", "group", "screen.next_group"),
    ("f", "kind", "screen.next_kind"),
    ("Enter", "runs", ""),
    ("v", "all runs", "screen.behind"),
    ("a", "alerts", "screen.alerts"),
    ("y", "copy", "screen.copy"),
)
_OVER = {"today": "today", "7d": "in the last 7 days", "30d": "in the last 30 days", "all": ""}
_EMPTY = """\
Nothing is recorded yet.

Each question, search, extraction and sync is a run: what it cost, how long it took, what its
answer rests on, what somebody thought of it. Here they add up.

Ask something in the chat (F2), or: copilot ask "…"\
"""
_OFF = """\
The ledger is switched off: nothing is recorded.

Set ledger.enabled = true in the configuration, then start copilot again.\
"""


class DashboardArea(Area):
    """What runs cost, how long they take and how good they are."""

    AREA: ClassVar = "dashboard"
    CSS_PATH = "dashboard.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(str(n), f"period('{key}')", title, show=False, id=f"dashboard.{key}")
            for n, (key, title) in enumerate(PERIODS.items(), start=1)
        ),
        Binding("m", "turn_figure(1)", "Next figure", id="dashboard.figure"),
        Binding("M", "turn_figure(-1)", "Figure before", show=False, id="dashboard.figure_before"),
        Binding("g", "next_group", "Group by", id="dashboard.group"),
        Binding("f", "next_kind", "Kind of runs", id="dashboard.kind"),
        Binding("v", "behind", "All runs", show=False, id="dashboard.behind"),
        Binding("y", "copy", "Copy the figures", show=False, id="dashboard.copy"),
        Binding("a", "alerts", "Alerts", id="dashboard.alerts"),
        Binding("r", "refresh", "Refresh", id="dashboard.refresh"),
    ]

    _overview: Overview | None = None
    _looked = LookOver()  # what was asked for what is shown
    _trouble = ""
    _rested = 0.0

    def body(self) -> ComposeResult:
        yield Choices(id="choices")
        with VerticalScroll(id="nothing", can_focus=False):
            yield Static(id="why")
        with Vertical(id="figures"):
            yield Tiles(id="tiles")
            yield Static(id="heading")
            yield Chart()
            yield Groups()
            yield Standing()
            yield Doings(*_DOINGS, classes="keys")

    def on_mount(self) -> None:
        self.query_one("#figures").display = False
        self._say("Adding up …")
        self.set_interval(_EVERY_S, self._look_again)

    def arrive(self) -> None:
        super().arrive()
        self._load()

    def _look_again(self) -> None:
        if self.app.screen is self and time.monotonic() >= self._rested:
            self._load(quietly=True)

    def on_resize(self, event: Resize) -> None:
        if self._overview is not None:
            self._show(self._overview)

    # --- what is chosen -------------------------------------------------------------------

    @property
    def _metric(self) -> Metric:
        return BY_NAME[self.query_one(Tiles).chosen]

    def action_period(self, period: Period) -> None:
        """Look at this period."""
        self.query_one(Choices).period = period
        self._load()

    def action_next_group(self) -> None:
        """Group by the next thing."""
        choices = self.query_one(Choices)
        choices.by = _next(list(GROUPS), choices.by)
        self._load()

    def action_next_kind(self) -> None:
        """Look at the next kind of runs alone."""
        choices = self.query_one(Choices)
        choices.kind = _next(list(KINDS), choices.kind)
        self._load()

    def action_turn_figure(self, by: int) -> None:
        """Plot the next figure, or the one before."""
        self._plot(METRICS[(METRICS.index(self._metric) + by) % len(METRICS)])

    def on_tiles_chosen(self, event: Tiles.Chosen) -> None:
        """A figure: its plot; the one that is plotted already: the runs behind it."""
        event.stop()
        if event.metric is self._metric:
            self.action_behind()
        else:
            self._plot(event.metric)

    def _plot(self, metric: Metric) -> None:
        self.query_one(Tiles).chosen = metric.name
        if self._overview is not None:
            self._draw(self._overview)

    # --- where it leads -------------------------------------------------------------------

    def on_chart_chosen(self, event: Chart.Chosen) -> None:
        """A point: its row; the row one is on already: its runs."""
        event.stop()
        table = self.query_one(Groups)
        on = table.chosen
        if on is not None and on.every.group == event.group and table.has_focus:
            self._visit_runs(self._metric.runs(on))
        elif table.choose(event.group):
            table.focus()

    def on_groups_opened(self, event: Groups.Opened) -> None:
        event.stop()
        self._visit_runs(self._metric.runs(event.group))

    def action_behind(self) -> None:
        """Show all runs of the period."""
        if self._overview is not None:
            self._visit_runs(self._metric.runs(self._overview.now))

    def action_copy(self) -> None:
        """Copy the figures: those of the groups, which are plotted, and those of the period."""
        if self._overview is not None and self._overview.ever:
            lines = [*self.query_one(Groups).whole, "", *totals(self._overview)]
            self.app.copy_to_clipboard("\n".join(line.rstrip() for line in lines))
            self.notify("The figures are copied.")

    def action_alerts(self) -> None:
        """Show every alert's rule and what it found."""
        if self._overview is not None:
            self.app.push_screen(AlertsScreen(self._overview.rules), self._of_alert)

    def _of_alert(self, runs: str | None) -> None:
        if runs is not None:
            self._visit_runs(runs)

    def _visit_runs(self, choice: str) -> None:
        self.post_message(Visit("runs", choice))

    # --- loading --------------------------------------------------------------------------

    def action_refresh(self) -> None:
        """Load the figures anew."""
        self.refresh_standing()
        self._load()

    @work(group="figures", exclusive=True, exit_on_error=False)
    async def _load(self, *, quietly: bool = False) -> None:
        choices = self.query_one(Choices)
        call = LookOver(choices.period, choices.by, choices.kind)  # type: ignore[arg-type]
        choices.asking, began = not quietly, time.monotonic()
        try:
            told = await self.core.call(call, Overview)
        except CopilotError as error:
            self._failed(error, quietly=quietly)
            return
        finally:
            choices.asking, ended = False, time.monotonic()
            self._rested = ended + _REST * (ended - began)
        self._trouble, self._looked = "", call
        self._show(told)

    def _failed(self, error: CopilotError, *, quietly: bool) -> None:
        """What was loaded stays; who asked for it anew is told at once, who didn't in passing."""
        if self._overview is not None and self._overview.ever:
            choices, looked = self.query_one(Choices), self._looked
            choices.period, choices.by, choices.kind = looked.period, looked.by, looked.kind
            self._trouble = f"not the latest: {shown_line(error.message)}"
            self._draw(self._overview)
            if not quietly:
                self.failed(error)
            return
        hint = f"\n\n{shown_line(error.hint)}" if error.hint else ""
        self._say(f"{shown_line(error.message)}{hint}\n\nr tries again", "-failed")

    def _show(self, told: Overview) -> None:
        self._overview = told
        if not told.ever:
            self._say(_EMPTY if told.recording else _OFF)
            return
        self.query_one("#nothing").display = False
        figures = self.query_one("#figures")
        first = not figures.display
        figures.display = True
        self.query_one(Tiles).told = told
        self.query_one(Standing).show(told)
        self.query_one(Groups).show(told, room=self.size.width - _MARGINS)
        self._draw(told)
        if first:
            self._begin(told)

    def _begin(self, told: Overview) -> None:
        """Where nothing was paid for, money is no plot to begin with."""
        if not BY_NAME["cost"].of(told.now):
            self._plot(BY_NAME["runs"])
        self.query_one(Groups).focus()

    def _say(self, text: str, kind: str = "") -> None:
        """In place of figures."""
        self.query_one("#figures").display = False
        self.query_one("#nothing").display = True
        why = self.query_one("#why", Static)
        why.set_class(kind == "-failed", "-failed")
        why.update(Content(text))

    def _draw(self, told: Overview) -> None:
        metric = self._metric
        self.query_one(Chart).show(Drawn.of(told, metric))
        apart = bool(self.query_one(Choices).kind) or told.by == "kind"
        of = f" of {KINDS['ask']}" if metric.asks and not apart else ""
        utc = " (UTC)" if told.by in MOMENTS else ""
        parts = [f"{metric.title}{of} by {NAMES[told.by]}{utc}"]
        if not metric.row(told.now).runs:
            parts = [f"No {'asks' if of else 'runs'} {_OVER[self.query_one(Choices).period]}"]
        elif all(metric.of(group) is None for group in told.groups):
            parts.append("nothing is recorded of it")
        if told.left_out:
            parts.append(f"{told.left_out:,} smaller groups are left out")
        if not told.recording:
            parts.append("the ledger is switched off: nothing new is recorded")
        parts += [self._trouble] if self._trouble else []
        parts += [shown_line(notice) for notice in told.notices]
        self.query_one("#heading", Static).update(Content(" · ".join(parts)))


def _next(names: list[str], name: str) -> str:
    return names[(names.index(name) + 1) % len(names)]
