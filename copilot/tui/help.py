"""F1: the keys of where one is, found as one types, and done by choosing one.

Invariant: what is listed is what the bindings say at that moment, other keys of the configuration
included; a group that is nearer to where one is stands above.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.dom import DOMNode
from textual.screen import ModalScreen, Screen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from copilot.tui.area import Visit
from copilot.tui.areas import BY_NAME
from copilot.tui.doings import Doings
from copilot.tui.keymap import shown

_ELSEWHERE, _LIBRARY = "Everywhere", "Typing, moving, selecting"
_KEYS = 18


@dataclass(frozen=True, slots=True)
class Told:
    """Something that can be done by keys: what, by which, and where it is to be done."""

    group: str
    keys: tuple[str, ...]
    does: str
    name: str
    action: str
    node: DOMNode

    @property
    def shown_keys(self) -> str:
        return " ".join(shown(key) for key in self.keys)


def told(screen: Screen[object]) -> list[Told]:
    """What keys do now, near things first; keys that do the same are one entry."""
    found: dict[tuple[str, str], Told] = {}
    for key, active in screen.active_bindings.items():
        does = active.binding.description
        if not does or not active.enabled or active.binding.system:
            continue
        group = _group(active)
        at = (group, active.binding.action)
        before = found.get(at)
        keys = (*(before.keys if before else ()), key)
        name = active.binding.id or ""
        found[at] = Told(group, keys, does, name, active.binding.action, active.node)
    groups = list(dict.fromkeys(one.group for one in found.values()))
    last = [_ELSEWHERE, _LIBRARY]
    order = [*(group for group in groups if group not in last), *last]
    return sorted(found.values(), key=lambda one: order.index(one.group))


def _group(active: ActiveBinding) -> str:
    node = active.node
    if active.binding.id is None:
        return _LIBRARY
    if isinstance(node, App):
        return _ELSEWHERE
    if node.BINDING_GROUP_TITLE:
        return node.BINDING_GROUP_TITLE
    if isinstance(node, Screen):
        place = BY_NAME.get(getattr(node, "AREA", ""))
        return f"In {place.title.lower()}" if place else "In this dialog"
    return "Here"


class HelpScreen(ModalScreen[Told | None]):
    """A list of keys; dismissed with the one that somebody chose."""

    DEFAULT_CSS = """
    #help { height: 90%; max-height: 40; }
    #keys-told {
        height: 1fr; border: none; background: transparent;
        text-wrap: nowrap; text-overflow: ellipsis;
    }
    #keys-told > .option-list--option-highlighted {
        background: $block-cursor-background; color: $block-cursor-foreground;
        text-style: $cursor-text-style;
    }
    #keys-told > .option-list--option-disabled { color: $foreground; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", id="help.back"),
        Binding("down", "move(1)", "Next", show=False, id="help.next"),
        Binding("up", "move(-1)", "Previous", show=False, id="help.previous"),
    ]

    def __init__(self, keys: Sequence[Told]) -> None:
        super().__init__()
        self._told = keys
        self._listed: list[Told] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog", id="help"):
            yield Static("Keys of where you are", classes="heading")
            yield Input(placeholder="Search …", compact=True)
            yield OptionList(id="keys-told", compact=True)
            yield Doings(
                ("Enter", "do it", "screen.choose"),
                ("Esc", "back", "screen.leave"),
                ("", "other keys", "screen.change"),
                classes="hint",
            )

    def on_mount(self) -> None:
        self._list("")

    def on_input_changed(self, event: Input.Changed) -> None:
        self._list(event.value)

    def on_input_submitted(self) -> None:
        self.action_choose()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self._choose(event.option_index)

    def action_choose(self) -> None:
        at = self.query_one(OptionList).highlighted
        if at is not None:
            self._choose(at)

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_change(self) -> None:
        """Go to where keys are changed."""
        self.dismiss(None)
        self.app.post_message(Visit("settings", "keymap"))

    def action_move(self, by: int) -> None:
        listed = self.query_one(OptionList)
        (listed.action_cursor_down if by > 0 else listed.action_cursor_up)()

    def _choose(self, at: int) -> None:
        option = self.query_one(OptionList).get_option_at_index(at)
        self.dismiss(self._listed[int(option.id or 0)])

    def _list(self, wanted: str) -> None:
        words = wanted.casefold().split()
        self._listed = [one for one in self._told if all(word in _searched(one) for word in words)]
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options(list(_lines(self._listed)))
        first = next((n for n, one in enumerate(options.options) if not one.disabled), None)
        options.highlighted = first


def _searched(one: Told) -> str:
    return f"{one.does} {one.name} {one.shown_keys} {' '.join(one.keys)}".casefold()


def _lines(listed: Iterable[Told]) -> Iterable[Option]:
    group = ""
    for number, one in enumerate(listed):
        if one.group != group:
            space = "\n" if group else ""
            group = one.group
            yield Option(Content(f"{space}{group}"), disabled=True)
        keys = f"{one.shown_keys:{_KEYS}} "
        line = Content.assemble((keys, "$accent"), f"{one.does:32} ", (one.name, "$text-muted"))
        yield Option(line, id=str(number))
