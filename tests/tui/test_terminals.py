"""Where the application runs: terminals of every size and number of colours, and none to speak of.

Themes first: contrast is computed as the Web Content Accessibility Guidelines 2.2 do.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from textual.color import Color
from textual.theme import Theme

from copilot.config.looks import Looks, keep_looks, read_looks
from copilot.testing.scripted_core import ScriptedCore
from copilot.tui.app import CopilotApp
from copilot.tui.themes import DARK, LIGHT, NAMES, OURS, first_theme

TUI = Path(__file__).parents[2] / "copilot" / "tui"
# What text is written in, what it is written on, and what shows where a thing ends.
TEXTS = {
    *("foreground", "text-muted", "text-disabled", "text-accent", "accent", "primary"),
    *("secondary", "success", "warning", "error"),
    *("text-success", "text-warning", "text-error", "text-primary"),
}
GROUNDS = {"background", "surface", "panel"}
EDGES = {"border", "border-blurred", "accent", "primary", "success", "warning", "error"}
# Lines and hints that say nothing by themselves.
ORNAMENT = {"surface", "surface-lighten-1", "surface-lighten-2", "panel", "panel-lighten-1"}
PAIRS = [
    *((text, ground) for text in sorted(TEXTS) for ground in sorted(GROUNDS)),
    *((text, "block-cursor-background") for text in sorted(TEXTS - {"text-disabled"})),
    *((text, "block-cursor-blurred-background") for text in sorted(TEXTS)),
    ("block-cursor-foreground", "block-cursor-background"),
    ("block-cursor-blurred-foreground", "block-cursor-blurred-background"),
    ("screen-selection-foreground", "screen-selection-background"),
    ("foreground", "input-selection-background"),
    ("input-cursor-foreground", "input-cursor-background"),
    ("background", "accent"),  # reversed
    *(("button-color-foreground", one) for one in ("primary", "success", "warning", "error")),
]


def luminance(color: Color) -> float:
    def linear(channel: int) -> float:
        part = channel / 255
        return part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(color.r) + 0.7152 * linear(color.g) + 0.0722 * linear(color.b)


def contrast(theme: Theme, one: str, other: str) -> float:
    variables = {**theme.to_color_system().generate(), **theme.variables}
    lights = sorted(luminance(Color.parse(variables[name])) for name in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def test_contrast_is_what_the_guidelines_mean() -> None:
    black_on_white = Theme("t", primary="#777777", foreground="#000000", background="#ffffff")
    assert contrast(black_on_white, "foreground", "background") == pytest.approx(21)
    assert contrast(black_on_white, "primary", "background") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", OURS, ids=lambda theme: theme.name)
def test_every_text_can_be_read_on_every_ground(theme: Theme) -> None:
    told = {pair: round(contrast(theme, *pair), 2) for pair in PAIRS}
    assert {pair: ratio for pair, ratio in told.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("theme", OURS, ids=lambda theme: theme.name)
def test_edges_that_matter_stand_out_from_every_ground(theme: Theme) -> None:
    told = {(e, g): round(contrast(theme, e, g), 2) for e in EDGES for g in GROUNDS}
    assert {pair: ratio for pair, ratio in told.items() if ratio < 3} == {}


def test_screens_use_no_colour_that_was_not_looked_at() -> None:
    known = {
        "color": {*TEXTS, *(a for a, _ in PAIRS)},
        "background": {*GROUNDS, "transparent", *(b for _, b in PAIRS), "block-hover-background"},
        "border": EDGES | ORNAMENT,
    }
    strange = []
    for file in [*TUI.rglob("*.tcss"), *TUI.rglob("*.py")]:
        text = re.sub(r"/\*.*?\*/", "", file.read_text("utf-8"), flags=re.S)
        for kind, value in re.findall(
            r"(?<![\w-])(color|background|border)(?:-\w+)?: ([^;{}\"']+);", text
        ):
            if value.strip() in ("none", "transparent"):
                continue
            name = value.split()[-1] if kind == "border" else value.split()[0]
            if name.removeprefix("$") not in known[kind] or len(value.split()) > 2:
                strange.append(f"{file.name}: {kind}: {value}")
    assert strange == []


def test_the_first_theme_is_the_one_that_was_chosen_else_what_suits_the_terminal() -> None:
    assert first_theme("nord", {"COLORFGBG": "0;15"}) == "nord"
    assert first_theme("", {}) == first_theme("not one", {}) == DARK.name
    assert first_theme("", {"COLORFGBG": "0;15"}) == LIGHT.name
    assert first_theme("", {"COLORFGBG": "15;default;0"}) == DARK.name
    assert {DARK.name, "textual-dark", "ansi-dark"} <= set(NAMES)


async def test_the_first_paint_is_in_the_theme_that_was_chosen(tmp_path: Path) -> None:
    app = CopilotApp(ScriptedCore(), log=tmp_path / "log", looks=Looks(LIGHT.name))
    seen = []
    app.call_after_refresh(lambda: seen.append(app.screen.styles.background))
    async with app.run_test() as pilot:
        await pilot.pause()
    assert seen[0] == Color.parse(LIGHT.background or "")


def test_the_application_is_imported_without_the_configuration() -> None:
    code = "import sys, copilot.tui.app, copilot.tui.chat, copilot.config.looks as l; "
    code += "print(sorted({'pydantic', 'tomllib', 'typer'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_looks_are_kept_for_the_next_start(tmp_path: Path) -> None:
    file = tmp_path / "state" / "looks.json"
    assert read_looks(file) == Looks()
    keep_looks(file, Looks("nord", {"app.quit": "ctrl+x"}))
    assert read_looks(file) == Looks("nord", {"app.quit": "ctrl+x"})
    assert file.stat().st_mode & 0o077 == 0
    for broken in ('{"theme": "nord"}', "[]", "nonsense", '{"theme": "x", "keys": []}', ""):
        file.write_text(broken)
        assert read_looks(file) == Looks()


def test_looks_that_can_not_be_kept_hinder_nothing(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file in the way")
    keep_looks(tmp_path / "state" / "looks.json", Looks("nord"))
    assert read_looks(tmp_path / "state" / "looks.json") == Looks()
