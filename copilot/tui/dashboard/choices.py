"""What the figures are of: the period, the grouping, the kind of runs, each a click or a key away.

Invariant: what is chosen is told by a sign or by standing alone, and never by a colour only.
"""

from __future__ import annotations

from collections.abc import Mapping

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from copilot.calls.dashboard import Period

PERIODS: Mapping[Period, str] = {
    "today": "Today",
    "7d": "7 days",
    "30d": "30 days",
    "all": "All",
}
_SHORT: Mapping[Period, str] = {"7d": "7d", "30d": "30d"}
_WIDE = 70
GROUPS: Mapping[str, str] = {
    "time": "time",
    "model": "model",
    "route": "route",
    "kind": "kind",
    "status": "status",
    "prompt": "prompt",
}
KINDS: Mapping[str, str] = {
    "": "all runs",
    "ask": "asks",
    "search": "searches",
    "extract": "extractions",
    "index": "index runs",
    "test": "trials of models",
}


class Choices(Widget):
    """One line: a click chooses a period, goes to the next of the others, or loads anew."""

    period: reactive[Period] = reactive("7d")
    by: reactive[str] = reactive("time")
    kind: reactive[str] = reactive("")
    asking: reactive[bool] = reactive(False)

    def render(self) -> Content:
        periods = [self._period(key, title) for key, title in PERIODS.items()]
        rest = Content.from_markup(
            f"   by [@click=screen.next_group]{GROUPS[self.by]} ▾[/]"
            f"   of [@click=screen.next_kind]{KINDS[self.kind]} ▾[/]"
            "   [@click=screen.refresh]↻[/]"
        )
        busy = Content.styled(" …", "$text-muted") if self.asking else Content("")
        return Content("  ") + Content(" ").join(periods) + rest + busy

    def _period(self, key: Period, title: str) -> Content:
        title = title if self.size.width >= _WIDE else _SHORT.get(key, title)
        if key == self.period:
            return Content.from_markup(f"[$accent bold reverse] {title} [/]")
        return Content.from_markup(f"[@click=screen.period('{key}')] {title} [/]")
