"""The first line: the areas, with their keys, and which of them one is in."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from copilot.tui.areas import PLACES, Place
from copilot.tui.keymap import shown, worn

_WIDE = 100


class AreaBar(Widget):
    """A click on an area goes there; ``waiting`` is how many proposals wait for a decision."""

    DEFAULT_CSS = """
    AreaBar {
        height: 1; padding: 0 1; background: $surface; color: $text-muted;
        link-color: $text-muted; link-style: none;
        link-background-hover: $panel; link-color-hover: $foreground; link-style-hover: none;
    }
    """
    waiting: reactive[int] = reactive(0)

    def __init__(self, current: str) -> None:
        super().__init__(id="area-bar")
        self._current = current

    def on_mount(self) -> None:
        self.watch(self.app, "other_keys", self._tell, init=False)

    def _tell(self) -> None:
        self.refresh()

    def render(self) -> Content:
        return Content("").join([self._tab(place) for place in PLACES])

    def _tab(self, place: Place) -> Content:
        key = shown(worn(self, f"app.{place.name}", place.key)[0])
        key = key if self.size.width >= _WIDE else key.removeprefix("F") or key
        count = f" {self.waiting}" if place.name == "inbox" and self.waiting else ""
        if place.name == self._current:
            return Content.from_markup(f"[$accent bold reverse] {key} {place.title}{count} [/]")
        return Content.from_markup(
            f"[@click=app.go('{place.name}')][$foreground-muted] {key} [/]{place.title}{count} [/]"
        )
