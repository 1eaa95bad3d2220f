"""Which bindings the application has, and what is wrong with other keys for them.

Invariant: what it knows is read from the screens' and widgets' own bindings, so a new one needs no
second entry.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from textual.app import App
from textual.binding import Binding, BindingsMap
from textual.dom import DOMNode
from textual.keys import Keys, _character_to_key, format_key
from textual.screen import ModalScreen, Screen
from textual.widgets import TextArea

import copilot.tui
from copilot.tui.areas import BY_NAME
from copilot.tui.themes import Fault

_MODIFIERS = ("ctrl", "shift", "alt", "super", "hyper", "meta")
_NAMED = frozenset(key.value.rpartition("+")[2] for key in Keys)


@dataclass(frozen=True, slots=True)
class Known:
    """A binding by its name, such as ``inbox.approve``, with the keys that it has by itself.

    ``beside_field``: it is meant while the focus is in a text field, which hears keys first.
    """

    name: str
    keys: tuple[str, ...]
    does: str
    in_dialog: bool = False
    beside_field: bool = False

    @property
    def place(self) -> str:
        return self.name.partition(".")[0]


@cache
def known() -> Mapping[str, Known]:
    """Every binding that has a name; imports every screen, which takes a while."""
    found: dict[str, Known] = {}
    for kind in _kinds():
        for binding in Binding.make_bindings(kind.__dict__.get("BINDINGS", ())):
            if binding.id is not None:
                before = found.get(binding.id)
                keys = (*(before.keys if before else ()), *binding.key.split(","))
                does = before.does if before else binding.description
                dialog = issubclass(kind, ModalScreen)
                beside = issubclass(kind, Screen | App) and not binding.priority
                keys = tuple(dict.fromkeys(keys))
                found[binding.id] = Known(binding.id, keys, does, dialog, beside)
    return dict(sorted(found.items()))


def faults(keys: Mapping[str, str]) -> list[Fault]:
    """What is wrong with ``keys``, by binding: no such binding, no such key, taken already."""
    bindings = known()
    found: list[Fault] = []
    for name, wanted in keys.items():
        if name not in bindings:
            [*near] = difflib.get_close_matches(name, bindings, n=1, cutoff=0.5)
            hint = f"Did you mean {near[0]}?" if near else "F1 lists the names."
            found.append(Fault("tui.keys", f"there is no binding {name}.", hint))
        for key in split(wanted):
            if not is_key(key):
                [*near] = difflib.get_close_matches(key, _spelled(), n=1, cutoff=0.5)
                hint = f"Did you mean {near[0]}?" if near else "Such as f5, ctrl+g, alt+x or X."
                found.append(Fault("tui.keys", f"{name}: there is no key {key}.", hint))
    return [*found, *_clashes(keys), *_unheard(keys)]


def usable(keys: Mapping[str, str]) -> dict[str, str]:
    """Those of ``keys`` that name a binding and keys."""
    bindings = known()
    return {
        name: wanted
        for name, wanted in keys.items()
        if name in bindings and all(map(is_key, split(wanted)))
    }


def split(keys: str) -> list[str]:
    """``f1, ctrl+g`` as the library calls them."""
    told = [key.strip() for key in keys.split(",")]
    return [_character_to_key(key) if len(key) == 1 else key for key in told if key]


def is_key(key: str) -> bool:
    """Whether a keyboard may send it."""
    *modifiers, last = key.split("+") if len(key) > 1 else [key]
    named = last in _NAMED or last in _spelled() or (len(last) == 1 and last.isprintable())
    return named and all(one in _MODIFIERS for one in modifiers)


def shown(key: str) -> str:
    """``ctrl+question_mark`` as people write it: Ctrl+?."""
    *modifiers, last = key.split("+") if len(key) > 1 else [key]
    one = format_key(last)
    named = one.capitalize() if len(one) > 1 else (one.upper() if modifiers else one)
    return "+".join([*(part.capitalize() for part in modifiers), named])


def worn(node: DOMNode, name: str, own: str) -> list[str]:
    """The keys of the binding ``name``: those that are configured, else its ``own``."""
    return node.app._keymap.get(name, own).split(",")


def told(screen: Screen[Any], key: str, action: str) -> str:
    """What a hint calls the key of ``action``: ``key``, or the one configured in its place."""
    other = screen.app._keymap
    if not other:
        return key
    does, names = action.partition(".")[2], set[str]()
    for node in (screen.app, *screen.walk_children(with_self=True)):
        for _, binding in node._bindings:
            if binding.id and shown(binding.key) == key:
                if binding.action == does:
                    return _in_place_of(key, other.get(binding.id))
                names.add(binding.id)
    return _in_place_of(key, other.get(names.pop())) if len(names) == 1 else key


def _in_place_of(key: str, others: str | None) -> str:
    keys = [shown(one) for one in others.split(",")] if others else [key]
    return key if key in keys else keys[0]


@cache
def _spelled() -> tuple[str, ...]:
    """Names of keys, as people would write them."""
    signs = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ "
    return (*sorted(_NAMED), *(_character_to_key(sign) for sign in signs), "space")


def _clashes(keys: Mapping[str, str]) -> Iterator[Fault]:
    """Keys that mean two things in one place, where one of the two was given it here."""
    bindings = known()
    now = {name: split(keys[name]) if name in keys else one.keys for name, one in bindings.items()}
    for name in keys:
        if name not in bindings:
            continue
        for other, taken in now.items():
            both = set(now[name]) & set(taken)
            twice = other in keys and other < name  # told already
            near = _meet(bindings[name], bindings[other])
            before = set(bindings[name].keys) & set(bindings[other].keys)
            if other != name and near and not twice and both - before:
                key = shown(min(both - before))
                yield Fault(
                    "tui.keys",
                    f"{key} would be {name} and {other} ({bindings[other].does}).",
                    "Give one of them another key.",
                )


def _unheard(keys: Mapping[str, str]) -> Iterator[Fault]:
    """Keys that a text field takes for itself, and that do there what it says."""
    bindings = known()
    taken = {key: one.description for key, one in BindingsMap(TextArea.BINDINGS)}
    for name in keys.keys() & bindings.keys():
        for key in split(keys[name]):
            own = key in bindings[name].keys or not bindings[name].beside_field
            if key in taken and not own:
                message = f"{shown(key)} isn't heard in a text field ({taken[key]}): {name}."
                yield Fault("tui.keys", message, "Give it another key.")


def _meet(one: Known, other: Known) -> bool:
    """Whether both may be there at once: two areas never are, nor a dialog and what is below."""
    if one.place == other.place:
        return True
    apart = {one.place, other.place} <= BY_NAME.keys()
    return not (apart or one.in_dialog or other.in_dialog)


def _kinds() -> Iterable[type[DOMNode]]:
    for module in pkgutil.walk_packages(copilot.tui.__path__, "copilot.tui."):
        importlib.import_module(module.name)
    waiting, seen = [DOMNode], set[type[DOMNode]]()
    while waiting:
        kind = waiting.pop()
        if kind not in seen:
            seen.add(kind)
            waiting += kind.__subclasses__()
    ours = (kind for kind in seen if kind.__module__.startswith("copilot.tui."))
    return sorted(ours, key=lambda kind: (kind.__module__, kind.__qualname__))
