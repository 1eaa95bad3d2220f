"""The dashboard, driven by keys and by the mouse, over scripted figures and over a real ledger."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import OptionList, Static

from copilot import calls
from copilot.adapters.ledger.reader import LedgerReader
from copilot.adapters.ledger.spool import SpoolRunWriter
from copilot.calls.dashboard import LookOver
from copilot.errors import StorageError
from copilot.figures import GroupFigures, Overview
from copilot.ledger.queries import from_text
from copilot.records import FeedbackGiven
from copilot.testing import openai_server as scripted
from copilot.testing.openai_server import OpenAIServer
from copilot.testing.run_events import quoted_run, written_run
from copilot.testing.scripted_core import ScriptedCore
from copilot.tui.app import CopilotApp
from copilot.tui.area import Visit
from copilot.tui.dashboard import drawing
from copilot.tui.dashboard.area import DashboardArea
from copilot.tui.dashboard.chart import Chart
from copilot.tui.dashboard.choices import Choices
from copilot.tui.dashboard.standing import AlertsScreen
from copilot.tui.dashboard.table import Groups
from copilot.tui.dashboard.tiles import Tiles
from tests.cli.conftest import run_cli
from tests.paged import QUESTION, paged_home
from tests.tui.driving import NARROW, WIDE, Driver, driven, real_core
from tests.tui.scenes.dashboard import AT, overview, row

CONFIG = """
[models]
answer = "openai/scripted"
api_base = "{url}"
key = "scripted"
[models.prices."openai/scripted"]
input = 1.0
output = 10.0
[alerts.rules.spend]
figure = "cost"
above = 0.000001
window = "24h"
"""


class Visited:
    """Where the application was asked to go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seen: list[tuple[str, str]] = []

        async def on_visit(app: CopilotApp, event: Visit) -> None:
            event.stop()
            self.seen.append((event.area, event.what))

        monkeypatch.setattr(CopilotApp, "on_visit", on_visit)


@pytest.fixture(autouse=True)
def _never_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks as often as a test asks for it."""
    monkeypatch.setattr("copilot.tui.dashboard.area._REST", 0)


@pytest.fixture
def visited(monkeypatch: pytest.MonkeyPatch) -> Visited:
    return Visited(monkeypatch)


@asynccontextmanager
async def dashboard(
    core: Any, tmp_path: Path, *, size: tuple[int, int] = WIDE
) -> AsyncGenerator[Driver]:
    async with driven(core, tmp_path, size=size, now=lambda: AT) as driver:
        await driver.settled()
        await driver.pilot.press("f6")
        await driver.settled()
        yield driver


def area(driver: Driver) -> DashboardArea:
    found = driver.area("dashboard")
    assert isinstance(found, DashboardArea)
    return found


def looks(core: ScriptedCore) -> list[LookOver]:
    return [one for one in core.heard if isinstance(one, LookOver)]


def showing(reply: object) -> ScriptedCore:
    return ScriptedCore(replies={LookOver: reply})  # type: ignore[dict-item]


async def click_on(driver: Driver, text: str) -> None:
    """The first place on the screen that says so."""
    for y, line in enumerate(driver.screen_text().splitlines()):
        if text in line:
            await driver.pilot.click(offset=(line.index(text) + 1, y))
            for _ in range(3):  # a click, what it chose, what that led to
                await driver.settled()
            return
    raise AssertionError(f"{text} isn't on the screen")


async def test_figures_stand_with_their_change_and_the_groups_below(tmp_path: Path) -> None:
    async with dashboard(showing(overview()), tmp_path) as driver:
        text = driver.screen_text()
        for said in ("376  ▲ 14%", "$1.93", "703k in, 35k out", "1.4 s, 3.6 s  ▼ 7%", "99%"):
            assert said in text
        for said in ("84% of 49 good", "synced 18 min ago", "$31.40 of $50.00", "slow-answers"):
            assert said in text
        assert "2026-11-18" in text
        assert "Cost by day" in text


async def test_where_nothing_was_paid_for_runs_are_plotted_first(tmp_path: Path) -> None:
    told = overview()
    free = replace(told.now, every=replace(told.now.every, cost_microusd=0))
    async with dashboard(showing(replace(told, now=free)), tmp_path) as driver:
        assert area(driver).query_one(Tiles).chosen == "runs"


async def test_period_group_kind_and_figure_are_chosen_by_keys(tmp_path: Path) -> None:
    core = showing(overview())
    async with dashboard(core, tmp_path) as driver:
        assert looks(core) == [LookOver("7d", "time", "")]
        for key in ("1", "g", "f"):
            await driver.pilot.press(key)
            await driver.settled()
        assert looks(core)[1:] == [
            LookOver("today", "time", ""),
            LookOver("today", "model", ""),
            LookOver("today", "model", "ask"),
        ]
        await driver.pilot.press("right", "m")
        assert area(driver).query_one(Tiles).chosen == "latency"
        assert "p95" in driver.screen_text()
        await driver.pilot.press("left", "M", "left")
        assert area(driver).query_one(Tiles).chosen == "runs"


@pytest.mark.parametrize("size", [WIDE, (60, 40)])
async def test_period_group_kind_and_figure_are_chosen_with_the_mouse(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    core = showing(overview())
    async with dashboard(core, tmp_path, size=size) as driver:
        long = size == WIDE
        for text in ("30 days" if long else "30d", "time ▾", "all runs ▾", " ↻"):
            await click_on(driver, text)
        assert looks(core)[1:] == [
            LookOver("30d", "time", ""),
            LookOver("30d", "model", ""),
            *[LookOver("30d", "model", "ask")] * 2,
        ]
        await click_on(driver, "Grounded")
        assert area(driver).query_one(Tiles).chosen == "grounding"
        await click_on(driver, "Tokens")
        assert area(driver).query_one(Tiles).chosen == "tokens"


async def test_a_row_leads_to_the_runs_behind_it_by_keys(tmp_path: Path, visited: Visited) -> None:
    async with dashboard(showing(overview()), tmp_path) as driver:
        await driver.pilot.press("down", "j", "enter")
        await driver.settled()
        day = "since=2026-11-18T00:00Z until=2026-11-19T00:00Z"
        assert visited.seen == [("runs", day)]
        await click_on(driver, "Abstained")
        await driver.pilot.press("enter", "v")
        await driver.settled()
        behind = "kind=ask status=abstained"
        assert visited.seen[1:] == [
            ("runs", f"{day} {behind}"),
            ("runs", f"since=2026-11-13T14:30Z {behind}"),
        ]


async def test_a_row_and_a_point_lead_to_their_runs_with_the_mouse(
    tmp_path: Path, visited: Visited
) -> None:
    async with dashboard(showing(overview()), tmp_path) as driver:
        for _ in range(2):
            await click_on(driver, "2026-11-19")
        assert visited.seen == [("runs", "since=2026-11-19T00:00Z until=2026-11-20T00:00Z")]
        visited.seen.clear()
        for _ in range(2):
            await click_on(driver, "Feedback")
        assert visited.seen == [("runs", "since=2026-11-13T14:30Z rating=bad")]
        await click_on(driver, "Cost")
        visited.seen.clear()
        lines = driver.screen_text().splitlines()
        [axis] = [y for y, line in enumerate(lines) if "14 Nov" in line and "15 Nov" in line]
        for _ in range(2):
            await driver.pilot.click(offset=(lines[axis].index("15 Nov") + 3, axis - 3))
            await driver.settled()
        assert visited.seen == [("runs", "since=2026-11-15T00:00Z until=2026-11-16T00:00Z")]


@pytest.mark.parametrize("figure", ["cost", "latency"])
async def test_each_point_of_a_plot_is_the_group_that_stands_under_it(
    tmp_path: Path, figure: str
) -> None:
    async with dashboard(showing(overview()), tmp_path) as driver:
        if figure == "latency":
            await driver.pilot.press("m", "m")
        chart, table = area(driver).query_one(Chart), area(driver).query_one(Groups)
        lines = driver.screen_text().splitlines()
        [axis] = [y for y, line in enumerate(lines) if "14 Nov" in line and "15 Nov" in line]
        assert len(chart.names) == 8
        for name in chart.names:
            shown = f"{datetime.strptime(name, '%Y-%m-%d'):%d %b}"  # noqa: DTZ007
            await driver.pilot.click(offset=(lines[axis].index(shown) + 3, axis - 2))
            await driver.settled()
            assert table.chosen is not None
            assert table.chosen.every.group == name


async def test_a_period_is_plotted_from_its_beginning_to_now_with_gaps(tmp_path: Path) -> None:
    told = overview()
    async with dashboard(showing(replace(told, groups=told.groups[2:4])), tmp_path) as driver:
        names = area(driver).query_one(Chart).names
        assert names == tuple(group.every.group for group in told.groups)
        await driver.pilot.press("m", "m")
        await driver.settled()
        assert area(driver).query_one(Chart).names == names


async def test_groups_that_are_no_time_are_plotted_one_below_the_other(tmp_path: Path) -> None:
    models = ("openai/gpt-5-mini", "ollama/llama", "[b]evil[/b]\x1b[31m")
    groups = tuple(
        GroupFigures(told, told, f"model={n}")
        for n, told in enumerate(row(name, 90 - 30 * n, 900.0) for n, name in enumerate(models))
    )
    told = replace(overview(), by="model", groups=groups)
    async with dashboard(showing(told), tmp_path) as driver:
        text = driver.screen_text()
        assert "openai/gpt-5-mini┤█" in text
        assert "[b]evil[/b]" in text
        assert "\x1b" not in text
        await click_on(driver, "ollama/llama┤")
        on = area(driver).query_one(Groups).chosen
        assert on is not None
        assert on.every.group == "ollama/llama"


async def test_alerts_tell_what_they_found_and_lead_to_the_runs(
    tmp_path: Path, visited: Visited
) -> None:
    async with dashboard(showing(overview()), tmp_path) as driver:
        await driver.pilot.press("a")
        await driver.pilot.pause()
        assert isinstance(driver.app.screen, AlertsScreen)
        text = driver.screen_text()
        assert "latency p95 is 3.6 s, fires above 3.0 s" in text
        assert "copilot alerts check" in text
        await click_on(driver, "Esc back")
        await driver.settled()
        await click_on(driver, "slow-answers")
        listed = driver.app.screen.query_one(OptionList)
        assert listed.option_count == 3
        await driver.pilot.press("j", "enter")
        await driver.settled()
        await click_on(driver, "slow-answers")
        await click_on(driver, "stale: index age")
        assert visited.seen == [("runs", "since=24h"), ("runs", "kind=index")]
        await click_on(driver, "slow-answers")
        await driver.pilot.click(offset=(2, 2))
        await driver.settled()
        assert driver.app.screen is area(driver)


async def test_where_no_rule_is_set_it_is_said_how(tmp_path: Path) -> None:
    async with dashboard(showing(replace(overview(), rules=())), tmp_path) as driver:
        await driver.pilot.press("a")
        await driver.pilot.pause()
        assert "[alerts.rules.NAME]" in driver.screen_text()
        await driver.pilot.press("escape")
        await driver.settled()
        assert driver.app.screen is area(driver)


def nothing(**changed: Any) -> Overview:
    empty = GroupFigures(row("", 0, 0.0), row("", 0, 0.0), "")
    return replace(overview(), now=empty, before=empty, groups=(), **changed)


async def test_the_table_can_be_copied(tmp_path: Path) -> None:
    async with dashboard(showing(overview()), tmp_path) as driver:
        await driver.pilot.press("y")
        await driver.settled()
        head, first, *_ = driver.app.clipboard.splitlines()
        assert head.split()[:3] == ["day", "runs", "cost"]
        assert first.split()[:3] == ["2026-11-20", "41", "$0.33"]


async def test_the_figures_are_copied_whole_however_narrow_the_screen(tmp_path: Path) -> None:
    async with dashboard(showing(overview()), tmp_path, size=(60, 24)) as driver:
        assert "failed" not in driver.screen_text()
        await driver.pilot.press("y")
        await driver.settled()
        head, first, *_ = driver.app.clipboard.splitlines()
        assert head.split()[-2:] == ["cache", "failed"]
        assert first.split()[:3] == ["2026-11-20", "41", "$0.33"]
        totals = driver.app.clipboard.partition("\n\n")[2].splitlines()
        assert totals[0].split() == ["Runs", "376", "▲", "14%"]
        assert totals[3].split() == ["Latency", "p50,", "p95", "1.4", "s,", "3.6", "s", "▼", "7%"]


@pytest.mark.parametrize("text", ["14 Nov", "2026-11-19", "Grounded", "Budget"])
async def test_text_is_selected_with_the_mouse_and_nothing_is_chosen_by_it(
    tmp_path: Path, visited: Visited, text: str
) -> None:
    async with dashboard(showing(overview()), tmp_path) as driver:
        lines = driver.screen_text().splitlines()
        y = next(n for n, line in enumerate(lines) if text in line)
        x = lines[y].index(text)
        await driver.drag((x, y), (x + len(text) - 1, y))
        assert driver.app.screen.get_selected_text() == text
        assert visited.seen == []
        assert area(driver).query_one(Tiles).chosen == "cost"
        assert driver.app.screen is area(driver)
        on = area(driver).query_one(Groups).chosen
        assert on is not None
        assert on.every.group == "2026-11-20"


@pytest.mark.parametrize("text", ["2026-11-19", "Grounded"])
async def test_a_double_click_leads_to_the_runs_and_selects_nothing(
    tmp_path: Path, visited: Visited, text: str
) -> None:
    async with dashboard(showing(overview()), tmp_path) as driver:
        lines = driver.screen_text().splitlines()
        y = next(n for n, line in enumerate(lines) if text in line)
        at = (lines[y].index(text) + 1, y)
        for _ in range(2):
            await driver.drag(at, at)
        assert [where for where, _ in visited.seen] == ["runs"]
        assert driver.app.screen.selections == {}


async def test_a_look_that_fails_leaves_the_choices_with_the_figures_they_are_of(
    tmp_path: Path,
) -> None:
    told: list[object] = [overview(), StorageError("the ledger is busy"), overview()]
    core = showing(lambda call: told.pop(0))
    async with dashboard(core, tmp_path) as driver:
        await driver.pilot.press("3")
        await driver.settled()
        choices = area(driver).query_one(Choices)
        assert (choices.period, choices.by, choices.kind) == ("7d", "time", "")
        assert "not the latest: the ledger is busy" in driver.screen_text()
        await driver.pilot.press("r")
        await driver.settled()
        assert looks(core)[-1] == LookOver("7d", "time", "")


async def test_an_empty_ledger_says_what_will_stand_here_and_how(tmp_path: Path) -> None:
    async with dashboard(showing(nothing(ever=False)), tmp_path) as driver:
        text = driver.screen_text()
        assert "Nothing is recorded yet" in text
        assert "copilot ask" in text


async def test_a_ledger_that_is_off_says_so_with_and_without_runs(tmp_path: Path) -> None:
    core = showing(nothing(ever=False, recording=False))
    async with dashboard(core, tmp_path) as driver:
        assert "ledger.enabled = true" in driver.screen_text()
    async with dashboard(showing(replace(overview(), recording=False)), tmp_path) as driver:
        assert "nothing new is recorded" in driver.screen_text()


async def test_a_quiet_period_is_told_from_an_empty_ledger(tmp_path: Path) -> None:
    async with dashboard(showing(nothing()), tmp_path) as driver:
        assert "No runs in the last 7 days" in driver.screen_text()
        await driver.pilot.press("enter", "right", "v", "y")
        await driver.settled()


async def test_a_ledger_that_cannot_be_read_says_why_and_is_tried_again(tmp_path: Path) -> None:
    damaged = StorageError("the ledger is [damaged]\x1b[31m", hint="copilot doctor")
    told: list[object] = [damaged, overview(), damaged]
    core = showing(lambda call: told.pop(0))
    async with dashboard(core, tmp_path) as driver:
        why = str(area(driver).query_one("#why", Static).content)
        assert why.startswith("the ledger is [damaged]")
        assert "copilot doctor" in why
        assert "\x1b" not in why
        await driver.pilot.press("r")
        await driver.settled()
        assert "2026-11-18" in driver.screen_text()
        await driver.pilot.press("r")
        await driver.settled()
        assert "2026-11-18" in driver.screen_text()
        assert "not the latest: the ledger is [damaged]" in driver.screen_text()
        assert [toast.message for toast in driver.app._notifications] == ["copilot doctor"]


async def test_a_refresh_that_nobody_asked_for_fails_without_a_toast(tmp_path: Path) -> None:
    told: list[object] = [overview(), StorageError("the ledger is busy"), overview()]
    async with dashboard(showing(lambda call: told.pop(0)), tmp_path) as driver:
        area(driver)._look_again()
        await driver.settled()
        assert not driver.app._notifications
        assert "not the latest: the ledger is busy" in driver.screen_text()
        area(driver)._look_again()
        await driver.settled()
        assert "not the latest" not in driver.screen_text()


async def test_figures_that_come_anew_leave_one_where_one_was(tmp_path: Path) -> None:
    more = overview((38, 61, 72, 9, 4, 68, 83, 42))
    told = [overview(), more]
    core = showing(lambda call: told.pop(0))
    async with dashboard(core, tmp_path) as driver:
        await driver.pilot.press("down", "down")
        area(driver)._look_again()
        await driver.settled()
        on = area(driver).query_one(Groups).chosen
        assert on is not None
        assert on.every.group == "2026-11-18"
        assert "377" in driver.screen_text()


async def test_a_ledger_that_takes_long_is_left_alone_for_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    core = showing(overview())
    async with dashboard(core, tmp_path) as driver:
        monkeypatch.setattr("copilot.tui.dashboard.area._REST", 1e9)
        for loads in (2, 2):
            area(driver)._look_again()
            await driver.settled()
            assert len(looks(core)) == loads
        await driver.pilot.press("r")
        await driver.settled()
        assert len(looks(core)) == 3


async def test_nothing_is_loaded_while_another_area_is_in_front(tmp_path: Path) -> None:
    core = showing(overview())
    async with dashboard(core, tmp_path) as driver:
        await driver.pilot.press("f2")
        await driver.settled()
        before = len(looks(core))
        area(driver)._look_again()
        await driver.settled()
        assert len(looks(core)) == before
        await driver.pilot.press("f6")
        await driver.settled()
        assert len(looks(core)) == before + 1


@pytest.mark.parametrize("size", [NARROW, (60, 18), (30, 12), (200, 60)])
async def test_every_size_shows_the_groups_and_breaks_nothing(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with dashboard(showing(overview()), tmp_path, size=size) as driver:
        for _ in range(8):
            await driver.pilot.press("m")
        assert "Runs" in driver.screen_text()
        assert area(driver).query_one(Groups).chosen is not None


async def test_a_narrow_table_leaves_out_columns_and_cuts_none(tmp_path: Path) -> None:
    for width, last in (
        (120, "failed"),
        (80, "abstained"),
        (60, "p95"),
        (40, "cost"),
        (30, "runs"),
    ):
        size = (width, 40)
        async with dashboard(showing(overview()), tmp_path, size=size) as driver:
            lines = [line.split() for line in driver.screen_text().splitlines()]
            [heads] = [line for line in lines if line[:1] == ["day"]]
            assert heads[-1] == last


async def test_bars_lie_below_each_other_with_a_gap_between(
    tmp_path: Path, visited: Visited
) -> None:
    rows = [row(name, 30, 500.0) for name in ("one", "two", "東京" * 30)]
    groups = tuple(GroupFigures(told, told, f"model={told.group}") for told in rows)
    told = replace(overview(), by="model", groups=groups)
    async with dashboard(showing(told), tmp_path) as driver:
        lines = driver.screen_text().splitlines()
        first = next(y for y, line in enumerate(lines) if "one┤" in line)
        bars = ["█" in line for line in lines[first : first + 9]]
        assert bars == [True, True, False] * 3
        for n, name in enumerate(("one", "two", rows[2].group)):
            await driver.pilot.click(offset=(60, first + 3 * n + 1))
            await driver.settled()
            on = area(driver).query_one(Groups).chosen
            assert on is not None
            assert on.every.group == name


async def test_two_hundred_groups_with_names_of_any_length_stay_in_their_lines(
    tmp_path: Path,
) -> None:
    rows = [row(f"model-{n} " + "x" * n, n + 1, 500.0) for n in range(200)]
    groups = tuple(GroupFigures(told, told, f"model={told.group}") for told in rows)
    told = replace(overview(), by="model", groups=groups, left_out=9_800)
    async with dashboard(showing(told), tmp_path, size=NARROW) as driver:
        assert "9,800 smaller groups are left out" in driver.screen_text()
        await driver.pilot.press("end", "ctrl+end")
        assert all(len(line) <= 80 for line in driver.screen_text().splitlines())


# --- over a real ledger -----------------------------------------------------------------


@pytest.fixture(scope="module")
def paged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return paged_home(tmp_path_factory.mktemp("paged"))


@pytest.fixture(scope="module")
def home(paged: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page that was really asked about, and a month of runs of models with ratings."""
    home = Path(shutil.copytree(paged, tmp_path_factory.mktemp("asked") / "home"))
    assert run_cli("ask", QUESTION, "--json", home=home).code == 0
    now = datetime.now(UTC)
    writer = SpoolRunWriter(home / "ledger", bodies=True)
    for n in range(240):
        run_id, at = f"019a0000-0000-7000-8000-{n:012}", now - timedelta(hours=3 * n, minutes=5)
        model = ("openai/gpt-5-mini", "ollama/llama")[n % 2]
        made = (
            written_run(run_id, model=model, cost_microusd=1_000 + 7 * n, started_at=at)
            if n % 3
            else quoted_run(run_id, started_at=at, latency_ms=100.0 + n)
        )
        for event in made:
            writer.append(run_id, event)
        if n % 5 == 0:
            writer.append(run_id, FeedbackGiven("bad" if n % 10 else "good", "ana"))
    writer.close()
    return home


@pytest.mark.parametrize("period", ["7d", "30d"])
async def test_the_command_and_the_dashboard_tell_the_same_figures(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, period: str
) -> None:
    by_day = run_cli("stats", "--since", period, "--by", "day", "--json", home=home).envelope
    together = run_cli("stats", "--since", period, "--json", home=home).envelope
    every = run_cli("stats", "--since", period, "--kind", "all", "--json", home=home).envelope
    query = "SELECT count(*) AS runs, sum(cost_usd) AS usd FROM v_runs WHERE cost_usd > 0"
    async with dashboard(real_core(home, monkeypatch), tmp_path) as driver:
        await driver.pilot.press("3" if period == "30d" else "2")
        await driver.settled()
        told = area(driver)._overview
        assert told is not None
        figures = [(told.now.asks, together["rows"][0]), (told.now.every, every["rows"][0])]
        figures += zip((group.asks for group in told.groups), by_day["rows"], strict=True)
        for ours, theirs in figures:
            for name in ("runs", "cost_microusd", "input_tokens", "latency_p95_ms", "good", "bad"):
                assert getattr(ours, name) == theirs[name], name
            assert (ours.grounded_share, ours.abstention_share) == (
                theirs["grounded_share"],
                theirs["abstention_share"],
            )
        tiles = driver.screen_text()
        assert f"{every['rows'][0]['runs']:,}" in tiles
        assert f"${every['rows'][0]['cost_microusd'] / 1e6:.2f}" in tiles
        if period == "30d":
            [line] = run_cli("sql", query, "--json", home=home).lines
            assert line["row"]["usd"] == pytest.approx(told.now.every.cost_microusd / 1e6)


async def test_each_row_counts_the_runs_that_it_leads_to(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, visited: Visited
) -> None:
    reader = LedgerReader(home / "ledger")
    async with dashboard(real_core(home, monkeypatch), tmp_path) as driver:
        for _ in range(3):
            table = area(driver).query_one(Groups)
            assert table.row_count
            for _ in range(min(table.row_count, 3)):
                on = table.chosen
                assert on is not None
                await driver.pilot.press("enter", "down")
                await driver.settled()
                where, choice = visited.seen[-1]
                assert where == "runs"
                found = reader.runs(from_text(choice, datetime.now(UTC)), limit=9_999)
                assert len(found) == on.every.runs
            await driver.pilot.press("g")
            await driver.settled()


def configure(home: Path, server: OpenAIServer) -> None:
    config = run_cli("config", "path", "config", home=home).out.strip()
    Path(config).write_text(CONFIG.format(url=server.url), "utf-8")


async def test_a_kind_of_runs_has_a_latency_of_its_own_and_leads_to_its_runs(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, visited: Visited
) -> None:
    async with dashboard(real_core(home, monkeypatch), tmp_path) as driver:
        await driver.pilot.press("m", "m", "g", "g", "g")
        await driver.settled()
        table, told = area(driver).query_one(Groups), area(driver)._overview
        assert told is not None
        assert {group.every.group for group in told.groups} == {"ask", "index"}
        assert table.choose("index")
        assert table.chosen is not None
        assert table.chosen.asks.latency_p95_ms
        await driver.pilot.press("enter")
        await driver.settled()
        assert from_text(visited.seen[-1][1], AT).kind == "index"


async def test_a_group_of_one_status_leads_to_that_status_whatever_is_plotted(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, visited: Visited
) -> None:
    async with dashboard(real_core(home, monkeypatch), tmp_path) as driver:
        await driver.pilot.press("g", "g", "g", "g", *"mmmm")
        await driver.settled()
        assert area(driver).query_one(Tiles).chosen == "abstention"
        await driver.pilot.press("enter")
        await driver.settled()
        assert from_text(visited.seen[-1][1], AT).status == "answered"


async def test_a_plot_is_drawn_in_a_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    threads = []

    def drawn(*given: Any) -> drawing.Picture:
        threads.append(threading.current_thread())
        return draw(*given)

    draw = drawing.draw
    monkeypatch.setattr(drawing, "draw", drawn)
    async with dashboard(showing(overview()), tmp_path) as driver:
        await driver.pilot.press("m")
        await driver.settled()
    assert len(threads) >= 2
    assert threading.main_thread() not in threads


async def test_what_a_model_costs_stands_in_the_tiles_and_sets_off_the_alert(
    paged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Path(shutil.copytree(paged, tmp_path / "home"))
    monkeypatch.setenv("COPILOT_KEY_SCRIPTED", "none")
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    reply = replace(
        scripted.text("You have 45 minutes to acknowledge a page. [1]"), usage=(900, 40)
    )
    with OpenAIServer([reply]) as server:
        configure(home, server)
        core = real_core(home, monkeypatch)
        async with aclosing(core.stream(calls.Ask(QUESTION, "talk"))) as steps:
            async for _ in steps:
                pass
        async with dashboard(core, tmp_path) as driver:
            text = driver.screen_text()
    assert "900 in, 40 out" in text
    assert "$0.0013" in text
    assert "▲ spend: cost is $0.001300, fires above $0.000001" in text


async def test_a_damaged_ledger_says_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    (home / "ledger").mkdir(parents=True)
    (home / "ledger" / "ledger.duckdb").write_bytes(b"no database at all" * 999)
    async with dashboard(real_core(home, monkeypatch), tmp_path) as driver:
        assert "ledger" in str(area(driver).query_one("#why", Static).content)
        assert "r tries again" in driver.screen_text()


def test_the_plotting_library_is_imported_with_the_first_plot_and_not_before() -> None:
    told = (
        "import sys; from copilot.tui.areas import BY_NAME; BY_NAME['dashboard'].fetch();"
        "before = 'plotext' in sys.modules; import copilot.tui.dashboard.drawing;"
        "print(before, 'plotext' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
