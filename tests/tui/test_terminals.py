"""Where the application runs: terminals of every size and number of colours, and none to speak of.

Themes first: contrast is computed as the Web Content Accessibility Guidelines 2.2 do.
"""

from __future__ import annotations

import base64
import importlib
import pkgutil
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.color import Color as RichColor
from rich.color import ColorSystem
from rich.terminal_theme import DEFAULT_TERMINAL_THEME
from textual.color import Color
from textual.filter import Monochrome
from textual.screen import ModalScreen
from textual.theme import Theme

from copilot.config.looks import Looks, keep_looks, read_looks
from copilot.testing.scripted_core import ScriptedCore
from copilot.tui.app import CopilotApp
from copilot.tui.areas import PLACES
from copilot.tui.themes import (
    DARK,
    LIGHT,
    NAMES,
    OURS,
    VARIABLES,
    first_theme,
    in_few_colours,
)
from tests.terminal import ENTERS, Terminal
from tests.tui import scenes
from tests.tui.driving import Driver, driven
from tests.tui.scenes import Scene

NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
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


def test_the_application_is_imported_without_what_the_first_paint_needs_not() -> None:
    code = "import sys, copilot.cli.main, copilot.cli.application, copilot.serving.client; "
    code += "import copilot.tui.app, copilot.tui.chat, copilot.config.looks; "
    slow = {"pydantic", "tomllib", "typer", "rich.markdown", "copilot.calls.dashboard"}
    code += f"print(sorted({slow} & set(sys.modules)))"
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


# --- sizes --------------------------------------------------------------------------------

SIZES = [(20, 5), (40, 10), (40, 12), (80, 24), (200, 60)]


def scene_of(area: str) -> Scene:
    found: Scene = importlib.import_module(f"tests.tui.scenes.{area}").scene()
    return found


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("area", [place.name for place in PLACES])
async def test_every_area_stands_on_every_screen(
    area: str, size: tuple[int, int], tmp_path: Path
) -> None:
    """Full of what its picture shows, then resized, the focus going round, help in front of it."""
    scene = scene_of(area)
    app = CopilotApp(scene.core, log=tmp_path / "log", now=lambda: NOW)
    async with app.run_test(size=size) as pilot:
        driver = Driver(pilot, scene.core)
        await driver.settled()
        await app.action_go(area)
        await driver.settled()
        for key in ("tab",) * 5 + ("shift+tab",) * 2 + ("f1", "escape", "ctrl+p", "escape"):
            await pilot.press(key)
        await pilot.resize_terminal(size[1] * 3, max(5, size[0] // 4))
        await driver.settled()
        assert app.screen is driver.area(area)
        lines = driver.screen_text().splitlines()
        assert any(line.strip() for line in lines[:-1])
    assert not app.broken


async def test_on_a_few_lines_what_is_typed_is_seen(tmp_path: Path) -> None:
    async with driven(ScriptedCore(), tmp_path, size=(20, 5)) as driver:
        await driver.type("why so")
        assert "why so" in driver.screen_text()
        await driver.ask("")
        assert "sources" in driver.screen_text(), "the end of the answer"


# --- colours ------------------------------------------------------------------------------


async def test_without_colour_nothing_is_coloured_and_the_chosen_line_is_reversed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with driven(ScriptedCore(), tmp_path) as driver:
        await driver.ask("why")
        await driver.pilot.press("escape")
        strips = driver.app.screen._compositor.render_strips()
        styles = [segment.style for strip in strips for segment in strip if segment.style]
        used = {one for style in styles for one in (style.color, style.bgcolor) if one is not None}
        assert used
        for colour in used:
            red, green, blue = colour.get_truecolor()
            assert red == green == blue
        await driver.pilot.press("ctrl+r")
        await driver.settled()
        strips = driver.app.screen._compositor.render_strips()
        chosen = [one.text for strip in strips for one in strip if one.style and one.style.reverse]
        assert "why" in chosen


def vanished(driver: Driver, seen: Callable[[RichColor], RichColor], *, least: float) -> list[str]:
    """What is written in front in a colour that is hardly another than its ground."""
    found = []
    front = driver.app.screen
    at = front.children[0].region if isinstance(front, ModalScreen) else front.region
    for strip in front._compositor.render_strips()[at.y : at.bottom]:
        for text, style, _ in strip.crop(at.x, at.right):
            if style is None or not re.search(r"\w", text):
                continue
            assert style.color is not None
            assert style.bgcolor is not None
            colours = [Color.from_rich_color(seen(one)) for one in (style.color, style.bgcolor)]
            lights = sorted(map(luminance, colours))
            if (lights[1] + 0.05) / (lights[0] + 0.05) < least:
                found.append(f"{text.strip()}: {style}, {colours}")
    return found


def of_sixteen(colour: RichColor) -> RichColor:
    """What a terminal of 16 colours makes of one."""
    triplet = colour.downgrade(ColorSystem.STANDARD).get_truecolor(DEFAULT_TERMINAL_THEME)
    return RichColor.from_triplet(triplet)


SCENES = [one.name for one in pkgutil.iter_modules(scenes.__path__)]


@pytest.mark.parametrize("theme", [DARK.name, LIGHT.name])
@pytest.mark.parametrize("name", SCENES)
async def test_without_colours_and_in_few_nothing_that_is_said_vanishes(
    name: str, theme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    scene = scene_of(name)
    async with driven(scene.core, tmp_path, looks=Looks(theme), now=lambda: NOW) as driver:
        await driver.settled()
        await driver.app.action_go(scene.area or name)
        await driver.settled()
        await scene.play(driver)
        await driver.settled()
        assert vanished(driver, lambda colour: colour, least=4.5) == []
        greys = [one for one in driver.app._filters if isinstance(one, Monochrome)]
        driver.app._filters.remove(*greys)  # as a terminal of 16 colours is told them
        driver.app.refresh_css()
        await driver.settled()
        assert vanished(driver, of_sixteen, least=3) == []


@pytest.mark.parametrize(("value", "without"), [("1", True), ("", False), (None, False)])
def test_colour_is_left_out_where_no_color_says_something_in_every_theme(
    value: str | None, without: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    if value is not None:
        monkeypatch.setenv("NO_COLOR", value)
    app = CopilotApp(ScriptedCore(), log=tmp_path / "log", looks=Looks("nord"))
    assert app.no_color is without
    assert ("reverse" in app.get_css_variables()["block-cursor-text-style"]) is without


@pytest.mark.parametrize("theme", OURS, ids=lambda theme: theme.name)
def test_in_few_colours_every_chosen_thing_can_be_read(theme: Theme) -> None:
    few = in_few_colours(theme)
    for one, other in PAIRS:
        if one.startswith(("block-cursor", "screen-selection")):
            assert contrast(few, one, other) >= 4.5
    assert all("reverse" in few.variables[one] for one in VARIABLES)
    assert "reverse" in few.variables["block-cursor-text-style"]


async def test_every_theme_of_the_library_can_be_worn(tmp_path: Path) -> None:
    async with driven(ScriptedCore(), tmp_path) as driver:
        await driver.ask("why")
        for name in NAMES:
            driver.app.theme = name
            await driver.pilot.pause()
            assert "Restart the gateway." in driver.screen_text()
        assert not driver.app.broken


# --- clipboards ---------------------------------------------------------------------------


async def test_what_is_copied_reaches_a_terminal_that_is_far_away(tmp_path: Path) -> None:
    async with driven(ScriptedCore(), tmp_path) as driver:
        written: list[str] = []
        assert driver.app._driver is not None
        driver.app._driver.write = written.append  # type: ignore[method-assign]
        await driver.ask("why")
        await driver.pilot.press("escape", "y")
        told = "".join(written).partition("\x1b]52;c;")[2].partition("\x07")[0]
        assert "Restart the gateway." in base64.b64decode(told).decode()


# --- terminals that can't, homes that can't -----------------------------------------------


def refused(home: Path, **env: str) -> str:
    """What it says instead of opening; it leaves the terminal as it was."""
    terminal = Terminal(home, env=env)
    try:
        assert terminal.ended() == 2
        assert ENTERS not in terminal.seen
        assert terminal.modes() == terminal.before
        return " ".join(terminal.seen.decode().split())
    finally:
        terminal.close()


def test_a_terminal_that_moves_no_cursor_is_refused_with_what_works_there(tmp_path: Path) -> None:
    said = refused(tmp_path, TERM="dumb")
    assert "This terminal can't show the application" in said
    assert "copilot ask" in said


def test_a_home_that_is_none_is_named_with_its_remedy(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file in the way")
    said = refused(tmp_path / "home")
    assert "is not a folder" in said
    assert "COPILOT_HOME=/path" in said


def test_a_log_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "log" / "core.log").mkdir(parents=True)
    assert "core.log can't be written" in refused(tmp_path)


@pytest.mark.parametrize("term", ["xterm", "screen", "linux", "vt100"])
def test_it_opens_in_terminals_of_few_colours(term: str, tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, env={"TERM": term})
    try:
        terminal.until(b"Ask your documents")
        assert b"\x1b[38;2" not in terminal.seen, "no true colour where none is promised"
        terminal.press(b"\x11")
        assert terminal.ended() == 0
        assert terminal.modes() == terminal.before
    finally:
        terminal.close()
