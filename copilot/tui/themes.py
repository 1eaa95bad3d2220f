"""Our own two themes, and which one a terminal begins with.

Invariant: every text on every ground that it is put on has a contrast of at least 4.5 to 1, and
what tells where one is (focus, cursor, a field's edge) of at least 3 to 1.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from textual.theme import BUILTIN_THEMES, Theme

DARK = Theme(
    name="copilot-dark",
    primary="#7db4ff",
    secondary="#9fb3c8",
    accent="#7db4ff",
    success="#74c991",
    warning="#e3b168",
    error="#ff8b86",
    foreground="#d9dee5",
    background="#0f1217",
    surface="#151a21",
    panel="#1d242d",
    dark=True,
    variables={
        "text-muted": "#a5b0bc",
        "text-disabled": "#8b96a4",
        "text-accent": "#7db4ff",
        "border": "#7db4ff",
        "border-blurred": "#636f7e",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-background": "#223b5c",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-foreground": "#d9dee5",
        "block-cursor-blurred-background": "#222b36",
        "block-hover-background": "#1d242d",
        "input-cursor-background": "#d9dee5",
        "input-cursor-foreground": "#0f1217",
        "input-selection-background": "#34557f",
        "screen-selection-background": "#34557f",
        "screen-selection-foreground": "#ffffff",
        "scrollbar": "#323d4a",
        "scrollbar-hover": "#4a5868",
        "scrollbar-active": "#7db4ff",
        "scrollbar-background": "#0f1217",
        "scrollbar-background-hover": "#0f1217",
        "scrollbar-background-active": "#0f1217",
        "scrollbar-corner-color": "#0f1217",
        "link-color": "#7db4ff",
        "button-color-foreground": "#0f1217",
        "footer-key-foreground": "#7db4ff",
    },
)
LIGHT = Theme(
    name="copilot-light",
    primary="#0a58a8",
    secondary="#47586b",
    accent="#0a58a8",
    success="#17663a",
    warning="#7d4b00",
    error="#ab1f1b",
    foreground="#21262c",
    background="#fcfcfb",
    surface="#f4f4f2",
    panel="#e9e9e6",
    dark=False,
    variables={
        "text-muted": "#515962",
        "text-disabled": "#5c646d",
        "text-accent": "#0a58a8",
        "border": "#0a58a8",
        "border-blurred": "#7a8086",
        "block-cursor-foreground": "#10243a",
        "block-cursor-background": "#c9def5",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-foreground": "#21262c",
        "block-cursor-blurred-background": "#e2e6ea",
        "block-hover-background": "#e9e9e6",
        "input-cursor-background": "#21262c",
        "input-cursor-foreground": "#fcfcfb",
        "input-selection-background": "#bcd6f2",
        "screen-selection-background": "#bcd6f2",
        "screen-selection-foreground": "#10243a",
        "scrollbar": "#c4c8cc",
        "scrollbar-hover": "#9aa1a8",
        "scrollbar-active": "#0a58a8",
        "scrollbar-background": "#fcfcfb",
        "scrollbar-background-hover": "#fcfcfb",
        "scrollbar-background-active": "#fcfcfb",
        "scrollbar-corner-color": "#fcfcfb",
        "link-color": "#0a58a8",
        "button-color-foreground": "#fcfcfb",
        "footer-key-foreground": "#0a58a8",
    },
)
OURS = (DARK, LIGHT)
# How a chosen line is written whose words aren't bold, and a chosen stretch of a text.
VARIABLES = {"cursor-text-style": "none", "lit-text-style": "bold underline"}
NAMES = (*(theme.name for theme in OURS), *BUILTIN_THEMES)
# Backgrounds that a terminal tells in COLORFGBG, "foreground;background", and that are light.
_LIGHT_GROUNDS = ("7", "15")


def in_few_colours(theme: Theme) -> Theme:
    """For 16 colours, where a ground is hardly another than the one beside it, and for none: what
    is chosen is reversed.
    """
    if theme.ansi:
        return theme  # of the terminal's own colours, and made for few
    made = {**theme.to_color_system().generate(), **theme.variables}
    ground, text = made["background"], made["foreground"]
    reversed_ = {
        # By its attribute: what is of another colour in a chosen line can be read then, too.
        "block-cursor-background": ground,
        "block-cursor-foreground": text,
        "block-cursor-text-style": "bold reverse",
        "cursor-text-style": "reverse",
        "lit-text-style": "bold underline reverse",
        "block-cursor-blurred-background": ground,
        "block-cursor-blurred-text-style": "bold underline",
        "block-cursor-blurred-foreground": text,
        "screen-selection-background": text,
        "screen-selection-foreground": ground,
        "input-selection-background": text,
        "input-selection-foreground": ground,
    }
    return replace(theme, variables={**theme.variables, **reversed_})


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with the setting ``key``, in a line, and what to do."""

    key: str
    message: str
    hint: str


def for_rich(colour: str) -> str:
    """A theme's colour as Rich names it, which is other than the library of the screen for those
    of the terminal itself.
    """
    return colour.removeprefix("ansi_")


def is_dark(name: str) -> bool:
    """Whether a theme of ``NAMES`` is for dark rooms."""
    ours = {theme.name: theme for theme in OURS}
    return (ours.get(name) or BUILTIN_THEMES[name]).dark


def faults(theme: str) -> list[Fault]:
    """What is wrong with a theme's name."""
    if not theme or theme in NAMES:
        return []
    near = difflib.get_close_matches(theme, NAMES, n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]}?" if near else f"Themes: {', '.join(NAMES)}."
    return [Fault("tui.theme", f"there is no theme {theme}.", hint)]


def first_theme(wanted: str, env: Mapping[str, str]) -> str:
    """The theme to begin with: the wanted one if there is such a one, else what suits."""
    if wanted in NAMES:
        return wanted
    light = env.get("COLORFGBG", "").rpartition(";")[2] in _LIGHT_GROUNDS
    return LIGHT.name if light else DARK.name
