"""How things stand now, whatever the period: the index, budgets, alerts.

Invariant: an alert that fires comes before one that doesn't; each is told by a sign and in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Click
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from copilot.figures import BudgetState, Overview, RuleState
from copilot.tui.dashboard.metrics import dollars, percent
from copilot.tui.doings import Doings
from copilot.tui.selecting import dragged
from copilot.tui.wording import shown_line

SIGNS = {"firing": "▲", "ok": "✓", "no data": "–"}
_STYLES = {"firing": "bold $text-error", "ok": "$text-success", "no data": "$text-muted"}
_ORDER = ("firing", "no data", "ok")
_BAR = 10


class Standing(Widget):
    """Three lines; a click on them shows the alerts."""

    def __init__(self) -> None:
        super().__init__(id="standing-now")
        self._told: Overview | None = None

    def show(self, told: Overview) -> None:
        if told != self._told:
            self._told = told
            self.refresh()

    async def on_click(self, event: Click) -> None:
        event.stop()
        event.prevent_default()  # which selects all with the second click
        if not dragged(self):
            await self.run_action("screen.alerts")

    def render(self) -> Content:
        told = self._told
        if told is None:
            return Content("")
        lines = [("Index", _index(told)), ("Budget", _budgets(told)), ("Alerts", _alerts(told))]
        told_lines = [Content.assemble((f"{name:<8}", "$text-muted"), line) for name, line in lines]
        return Content("\n").join(
            [line.truncate(max(self.size.width, 1), ellipsis=True) for line in told_lines]
        )


class AlertsScreen(ModalScreen[str | None]):
    """Every rule and what it found; returns the choice of the runs behind one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", id="alerts.leave"),
        Binding("j", "move(1)", "Next", show=False, id="alerts.next"),
        Binding("k", "move(-1)", "Previous", show=False, id="alerts.previous"),
    ]

    def __init__(self, rules: Sequence[RuleState]) -> None:
        super().__init__()
        self._rules = ordered(rules)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static("Alerts", classes="heading")
            if self._rules:
                yield OptionList(*[Option(_rule(one)) for one in self._rules], id="rules")
                hint = (
                    "Bounds are in [alerts.rules] of the configuration; "
                    "`copilot alerts check` tells the channels."
                )
            else:
                yield Static("No rule watches the figures.")
                hint = (
                    "[alerts.rules.NAME] in the configuration sets one; config.example.toml "
                    "shows how."
                )
            yield Static(Content(hint), classes="hint")
            runs = [("Enter", "the runs behind it", "")] if self._rules else []
            yield Doings(*runs, ("Esc", "back", "screen.leave"), classes="hint")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._rules[event.option_index].runs)

    def on_click(self, event: Click) -> None:
        dialog = self.query_one(".dialog")
        if not dialog.region.contains_point(event.screen_offset):
            self.dismiss(None)

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_move(self, by: int) -> None:
        for rules in self.query(OptionList):
            (rules.action_cursor_down if by > 0 else rules.action_cursor_up)()


def ordered(rules: Sequence[RuleState]) -> list[RuleState]:
    return sorted(rules, key=lambda one: _ORDER.index(one.state))


def ago(seconds: float) -> str:
    """``40 min``, ``5 h``, ``12 d``."""
    for size, name in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size:.0f} {name}"
    return "a moment"


def _index(told: Overview) -> Content:
    synced, fresh = told.standing.synced_at, told.freshness
    said = "never synced whole" if synced is None else f"synced {_since(synced, told.at)} ago"
    if fresh.documents:
        within = f"{percent(fresh.within_share)} of {fresh.documents:,} changed"
        said += f" · {within} within {ago(fresh.within_s)}"
    return Content(said)


def _since(then: datetime, now: datetime) -> str:
    return ago(max((now - then).total_seconds(), 0))


def _budgets(told: Overview) -> Content:
    budgets = told.standing.budgets
    if not budgets:
        return Content.styled("none is set", "$text-muted")
    return Content(" · ").join([_budget(one) for one in budgets])


def _budget(one: BudgetState) -> Content:
    name = shown_line(f"{one.budget} {one.period}".strip())
    spent, limit = dollars(one.spent_microusd), one.limit_microusd
    if one.limit_tokens and (
        not limit or one.spent_tokens / one.limit_tokens > one.spent_microusd / limit
    ):
        part, of = one.spent_tokens / one.limit_tokens, f"{one.limit_tokens:,} tokens"
        return _filled(f"{name} {one.spent_tokens:,} of {of}", min(part, 1))
    if not limit:
        return Content(f"{name} {spent}, no limit")
    return _filled(f"{name} {spent} of {dollars(limit)}", min(one.spent_microusd / limit, 1))


def _filled(what: str, part: float) -> Content:
    filled = round(part * _BAR)
    style = "$text-error" if part >= 1 else "$text-warning" if part >= 0.8 else "$text-accent"
    over = " used up" if part >= 1 else ""
    return Content.assemble(
        f"{what} ",
        ("━" * filled, style),
        ("─" * (_BAR - filled), "$text-muted"),
        f" {percent(part)}{over}",
    )


def _alerts(told: Overview) -> Content:
    if not told.rules:
        return Content.styled("no rules", "$text-muted")
    firing = [_rule(one) for one in told.rules if one.state == "firing"]
    quiet = len(told.rules) - len(firing)
    rest = f"{quiet} quiet" if quiet else ""
    if not firing:
        return Content.assemble(("✓ ", _STYLES["ok"]), rest)
    return Content(" · ").join([*firing, *([Content(rest)] if rest else [])])


def _rule(one: RuleState) -> Content:
    period = "" if one.figure == "index_age" else f", last {one.window}"
    figure = one.figure.replace("_", " ")
    said = f"{figure} is {one.value}" if one.state != "no data" else f"{figure}: no data"
    return Content.assemble(
        (f"{SIGNS[one.state]} ", _STYLES[one.state]),
        (shown_line(one.rule), "bold" if one.state == "firing" else ""),
        f": {said}, fires {one.fires}{period}",
    )
