"""Looking through runs and into one of them, as a person does: by keys alone, by mouse alone."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from textual.widgets import Input

from copilot import calls
from copilot.calls.runs import (
    ExplainRun,
    ExportRun,
    ListRuns,
    PassageShown,
    ReplayRun,
    RunExplained,
    RunExported,
    Runs,
    ShowPassage,
)
from copilot.errors import KnowledgeIndexError, NotFoundError, UsageError
from copilot.events import RunFinished
from copilot.messages import Locator, Turn
from copilot.runs import ExplainedRun, RunPart, RunStep
from copilot.testing.run_events import quoted_run
from copilot.testing.scripted_core import ScriptedCore
from copilot.tui.core import Core
from copilot.tui.knowledge.area import KnowledgeArea
from copilot.tui.runs.area import RunsArea
from copilot.tui.runs.page import RunPage
from copilot.tui.runs.parts import GONE, Parts
from copilot.tui.runs.run_list import RunList
from copilot.tui.runs.waterfall import Waterfall
from tests.paged import QUESTION, paged_home
from tests.tui.driving import NARROW, WIDE, Driver, driven, real_core
from tests.tui.scenes.runs import listed, recorded

RUN = recorded().run.summary
PASSAGE = PassageShown("/srv/a.md", "A", (), Locator("lines", 1, 2), "All of the passage.")


def core_of(**more: object) -> ScriptedCore:
    replies: dict = {
        ListRuns: Runs(listed(), more=False),
        ExplainRun: RunExplained(recorded()),
        ShowPassage: PASSAGE,
    }
    turns = [Turn("user", "What is a SEV-1?"), Turn("assistant", "Critical.")]
    return ScriptedCore(
        sessions={"severity": turns}, replies={**replies, **more.pop("replies", {})}
    )  # type: ignore[dict-item]


@asynccontextmanager
async def looking(
    core: Core, tmp_path: Path, size: tuple[int, int] = WIDE
) -> AsyncGenerator[Driver]:
    now = RUN.started_at + timedelta(minutes=1)
    async with driven(core, tmp_path, size=size, now=lambda: now) as driver:
        await driver.settled()
        await driver.pilot.press("f7")
        await driver.settled()
        yield driver


def area_of(driver: Driver) -> RunsArea:
    area = driver.area("runs")
    assert isinstance(area, RunsArea)
    return area


def steps_of(driver: Driver) -> list[RunStep]:
    return area_of(driver).query_one(Waterfall).steps


async def press(driver: Driver, *keys: str, waits: bool = True) -> None:
    """``waits`` until nothing runs; a dialog that is open counts as running."""
    await driver.pilot.press(*keys)
    if waits:
        await driver.settled()
    else:
        await driver.pilot.pause()


async def click(driver: Driver, text: str) -> None:
    """With the mouse, on the first place of the screen where this stands."""
    lines = driver.screen_text().splitlines()
    y = next((n for n, line in enumerate(lines) if text in line), None)
    assert y is not None, f"{text!r} isn't on the screen:\n" + "\n".join(lines)
    await driver.pilot.click(offset=(lines[y].index(text) + 1, y))
    await driver.settled()


def toasts(driver: Driver) -> str:
    return "\n".join(f"{note.title}: {note.message}" for note in driver.app._notifications)


# --- the list -------------------------------------------------------------------------------


async def test_runs_are_listed_with_what_tells_them_apart(tmp_path: Path) -> None:
    async with looking(core_of(), tmp_path) as driver:
        told = driver.screen_text()
        for expected in (
            "And what about a SEV-2?",
            "answered",
            "abstained",
            "interrupted",
            "search",
            "openai/gpt-5-mini",
            "$0.0052",
            "4.6 s",
            "9 runs",
        ):
            assert expected in told


async def test_text_is_selected_with_the_mouse_and_nothing_is_opened_by_it(tmp_path: Path) -> None:
    async with looking(core_of(), tmp_path) as driver:
        lines = driver.screen_text().splitlines()
        y = next(n for n, line in enumerate(lines) if "capital of Mongolia" in line)
        x = lines[y].index("capital")
        await driver.drag((x, y), (x + 17, y))
        assert driver.app.screen.get_selected_text() == "capital of Mongoli"
        assert "Filter" in driver.screen_text()


async def test_a_choice_is_typed_and_what_it_can_not_be_is_said_at_once(tmp_path: Path) -> None:
    def found(call: ListRuns) -> object:
        if "soon" in call.choice:
            return UsageError("there is no status soon", hint="one of: answered, failed")
        return Runs(listed()[:2] if call.choice else listed(), more=False)

    core = core_of(replies={ListRuns: found})
    async with looking(core, tmp_path) as driver:
        await press(driver, "slash")
        await driver.type("SEV yt")  # letters that are keys elsewhere
        await press(driver, "enter")
        assert driver.core.heard[-1] == ListRuns("SEV yt", 200)
        assert area_of(driver).query_one(RunList).count == 2
        await press(driver, "slash")
        area_of(driver).query_one("#runs-filter", Input).value = "status=soon"
        await press(driver, "enter")
        assert "there is no status soon" in driver.screen_text()
        assert area_of(driver).query_one(RunList).count == 2
        await press(driver, "escape")
        assert area_of(driver).query_one(RunList).count == len(listed())


async def test_the_parts_of_a_choice_are_turned_by_keys_and_by_clicks(tmp_path: Path) -> None:
    async with looking(core_of(), tmp_path) as driver:
        field = area_of(driver).query_one("#runs-filter", Input)
        await press(driver, "s", "t", "t", "p")
        assert field.value == "status=answered kind=search since=24h"
        await click(driver, "m model")
        assert field.value.endswith("model=openai/gpt-5-mini")
        await click(driver, "s status")
        assert "status=abstained" in field.value
        asked = [one.choice for one in driver.core.heard if isinstance(one, ListRuns)]
        assert asked[-1] == field.value
        assert len(asked) == len(set(asked))  # what is turned isn't looked for once more as typed
        await press(driver, "p", "p", "p")
        assert "since=" not in field.value


async def test_a_long_ledger_is_read_page_by_page_as_one_scrolls(tmp_path: Path) -> None:
    count, first = 100_000, listed()[0]

    def page(call: ListRuns) -> Runs:
        begin = 0 if call.after is None else int(call.after.id) + 1
        ids = range(begin, min(count, begin + call.limit))
        found = tuple(replace(first, id=str(n), question=f"Question {n}") for n in ids)
        return Runs(found, more=ids.stop < count)

    async with looking(core_of(replies={ListRuns: page}), tmp_path) as driver:
        rows = area_of(driver).query_one(RunList)
        assert rows.count == 200
        await press(driver, "end")
        assert rows.count == 400
        for _ in range(8):
            await press(driver, "G")
        assert rows.count == 2_000
        pages = [one for one in driver.core.heard if isinstance(one, ListRuns)]
        assert len(pages) == 10
        assert len({one.after.id for one in pages if one.after is not None}) == 9
        await press(driver, "G")
        assert "Question 1999" in driver.screen_text()
        await press(driver, "g")
        assert "Question 0" in driver.screen_text()


async def test_what_the_ledger_has_to_say_stands_above_and_its_failure_loses_nothing(
    tmp_path: Path,
) -> None:
    answers = [
        Runs(listed(), more=False, notices=("the ledger is busy; read from a copy",)),
        NotFoundError("the ledger can't be read", hint="try again"),
    ]
    core = core_of(replies={ListRuns: lambda call: answers.pop(0)})
    async with looking(core, tmp_path) as driver:
        assert "read from a copy" in driver.screen_text()
        await press(driver, "r")
        assert "the ledger can't be read: try again" in toasts(driver)
        assert area_of(driver).query_one(RunList).count == len(listed())


async def test_an_empty_ledger_says_so(tmp_path: Path) -> None:
    core = core_of(replies={ListRuns: Runs((), more=False)})
    async with looking(core, tmp_path) as driver:
        assert "No runs yet" in driver.screen_text()
        await press(driver, "enter", "down", "end", "m")
        assert "No such run" in driver.screen_text() or "No runs yet" in driver.screen_text()


# --- one run --------------------------------------------------------------------------------


async def test_a_run_is_looked_into_step_by_step(tmp_path: Path) -> None:
    async with looking(core_of(), tmp_path) as driver:
        await press(driver, "enter")
        told = driver.screen_text()
        for title in ("Question", "Follow-up", "Search", "Prompt", "Model", "Request", "Checks"):
            assert title in told
        assert "1,702 + 88 tokens  $0.002582" in told
        assert "━" in told
        await press(driver, "down", "down")
        told = driver.screen_text()
        assert "severity_levels.md, lines 13-28" in told
        assert "kept: cited as [1]" in told
        assert "dropped: the model read it" in told
        await press(driver, "enter", "enter")
        assert "All of the passage." in driver.screen_text()
        assert driver.core.heard[-1] == ShowPassage(RUN.id, recorded().run.hits[0].passage_id)
        await press(driver, "enter")
        assert "All of the passage." not in driver.screen_text()
        await press(driver, "escape")
        assert "Filter" in driver.screen_text()


async def test_a_run_is_looked_into_with_the_mouse(tmp_path: Path) -> None:
    async with looking(core_of(), tmp_path) as driver:
        await click(driver, "And what about a SEV-2?")
        await click(driver, "Checks")
        assert "supported, shown, [1]" in driver.screen_text()
        await click(driver, "Search")
        await click(driver, "severity_levels.md, lines 13-28")
        assert "All of the passage." in driver.screen_text()
        await click(driver, "Esc runs")
        assert "Filter" in driver.screen_text()


async def test_a_passage_that_is_gone_is_a_toast(tmp_path: Path) -> None:
    gone = NotFoundError("the passage isn't there any more, or is closed to you")
    async with looking(core_of(replies={ShowPassage: gone}), tmp_path) as driver:
        await press(driver, "enter", "down", "down", "enter", "enter")
        assert "closed to you" in toasts(driver)
        assert "kept: cited as [1]" in driver.screen_text()


async def test_the_next_and_the_previous_run_are_a_key_away(tmp_path: Path) -> None:
    async with looking(core_of(), tmp_path) as driver:
        await press(driver, "enter", "right_square_bracket", "right_square_bracket")
        await press(driver, "left_square_bracket")
        asked = [one.run for one in driver.core.heard if isinstance(one, ExplainRun)]
        ids = [run.id for run in listed()]
        assert asked == [ids[0], ids[1], ids[2], ids[1]]


async def test_a_run_that_crashed_shows_where_it_ended_and_a_deleted_text_is_said_to_be_gone(
    tmp_path: Path,
) -> None:
    crashed = replace(
        recorded(),
        took_ms=81.0,
        steps=(
            RunStep("asked", "Question", None, 0.0),
            RunStep("prompt", "Prompt", "write 1", 81.0, parts=(RunPart("digest 0", (None,)),)),
            RunStep("end", "End", "interrupted", 81.0, failed=True, parts=(RunPart("no end"),)),
        ),
    )
    core = core_of(replies={ExplainRun: RunExplained(crashed)})
    async with looking(core, tmp_path) as driver:
        await press(driver, "enter")
        assert "(not kept)" in driver.screen_text()
        await press(driver, "down")
        assert GONE in driver.screen_text()
        await press(driver, "down")
        assert "✗ End" in driver.screen_text()
        assert "no end" in driver.screen_text()


async def test_hostile_texts_are_shown_and_do_nothing(tmp_path: Path) -> None:
    evil = "[red]x[/] \x1b[2J\u202e[@click=app.quit]go[/]\x07 " + "word " * 9_000
    summary = replace(RUN, question=evil, model=evil, conversation=evil, status="answered")
    step = RunStep("search", "Search", evil, 0.0, 5.0, parts=(RunPart(evil, (evil,), "p"),) * 30)
    told = ExplainedRun(replace(recorded().run, summary=summary), (step,), 5.0)
    core = core_of(
        replies={
            ListRuns: Runs((summary,), more=False, notices=(evil,)),
            ExplainRun: RunExplained(told),
            ShowPassage: NotFoundError(evil, hint=evil),
        }
    )
    async with looking(core, tmp_path) as driver:
        assert "[red]x[/]" in driver.screen_text()
        await press(driver, "enter", "enter", "enter", "j", "pagedown", "G")
        text = driver.screen_text()
        assert "\x1b" not in text
        assert "\u202e" not in text
        await press(driver, "escape")
        assert "[red]x[/]" in driver.screen_text()


@pytest.mark.parametrize("size", [NARROW, (60, 15), (30, 8)])
async def test_a_narrow_or_short_screen_still_shows_steps_and_details(
    size: tuple[int, int], tmp_path: Path
) -> None:
    async with looking(core_of(), tmp_path, size) as driver:
        await press(driver, "enter", "down", "down")
        assert "Search" in driver.screen_text()
        await press(driver, "tab")
        assert area_of(driver).query_one(Parts).has_focus
        assert area_of(driver).query_one(Parts).size.height > 0
        await press(driver, "escape")
        assert area_of(driver).query_one(RunList).has_focus


# --- what is done with it -------------------------------------------------------------------


async def test_its_id_is_copied_and_its_conversation_gone_on_with(tmp_path: Path) -> None:
    async with looking(core_of(), tmp_path) as driver:
        await press(driver, "enter", "y")
        assert driver.app.clipboard == RUN.id
        await press(driver, "c")
        assert driver.app.current_mode == "chat"
        loaded = [one.name for one in driver.core.heard if isinstance(one, calls.LoadSession)]
        assert loaded == ["severity"]


async def test_the_document_of_a_hit_is_gone_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted: list[str] = []
    monkeypatch.setattr(KnowledgeArea, "visit", lambda _, what: wanted.append(what))
    async with looking(core_of(), tmp_path) as driver:
        await press(driver, "enter", "o")
        assert "Choose a hit" in toasts(driver)
        await press(driver, "down", "down", "enter", "down", "o")
        assert driver.app.current_mode == "knowledge"
        assert wanted == [recorded().run.hits[1].path]


async def test_it_is_rated_by_keys_by_mouse_and_in_words(tmp_path: Path) -> None:
    async with looking(core_of(), tmp_path) as driver:
        await press(driver, "enter", "plus")
        await click(driver, "- bad")
        await press(driver, "w", "tab", waits=False)
        await driver.type("stale")
        await press(driver, "ctrl+s")
        rated = [one for one in driver.core.heard if isinstance(one, calls.Rate)]
        assert rated == [
            calls.Rate(RUN.id, "good"),
            calls.Rate(RUN.id, "bad"),
            calls.Rate(RUN.id, "good", "stale"),
        ]


async def test_it_is_exported_and_nothing_is_written_over_without_a_yes(tmp_path: Path) -> None:
    def written(call: ExportRun) -> RunExported:
        return RunExported(call.path, written=call.replace)

    async with looking(core_of(replies={ExportRun: written}), tmp_path) as driver:
        await press(driver, "enter")
        await press(driver, "x", "enter", waits=False)
        assert "Write over this file?" in driver.screen_text()
        await press(driver, "n")
        await press(driver, "x", "enter", waits=False)
        await press(driver, "y")
        path = f"~/run-{RUN.id[:13]}.json"
        asked = [one for one in driver.core.heard if isinstance(one, ExportRun)]
        assert [one.replace for one in asked] == [False, False, True]
        assert {one.path for one in asked} == {path}
        assert f"Exported: {path}" in toasts(driver)


async def test_a_replay_that_is_left_is_closed_and_one_that_fails_says_why(tmp_path: Path) -> None:
    held = asyncio.Event()
    answers: list[Callable[[], object]] = [
        lambda: [*quoted_run("again", kind="replay")[:3], held],
        lambda: KnowledgeIndexError("there is no index", hint="copilot index add"),
    ]
    core = core_of(replies={ReplayRun: lambda call: answers.pop(0)()})
    async with looking(core, tmp_path) as driver:
        await driver.pilot.press("enter")
        await driver.settled()
        await driver.pilot.press("R")
        await driver.pilot.pause()
        await driver.pilot.pause()
        assert "5 hits" in driver.screen_text()
        await click(driver, "Esc stop")
        assert core.left[-1] == ReplayRun(RUN.id)
        assert "Esc runs" in driver.screen_text()
        assert steps_of(driver)[-1].told == "stopped"
        assert steps_of(driver)[-1].kind == "replay"
        await click(driver, "N today")
        assert core.heard[-1] == ReplayRun(RUN.id, today=True)
        assert "there is no index: copilot index add" in toasts(driver)
        assert len([step for step in steps_of(driver) if step.kind == "replay"]) == 1
        await press(driver, "escape")
        assert "Filter" in driver.screen_text()


async def test_a_replay_leaves_the_eye_where_it_is_and_no_trace_on_another_run(
    tmp_path: Path,
) -> None:
    held = asyncio.Event()
    steps = [*quoted_run("again", kind="replay")[:2], held]
    other = replace(recorded().run, summary=listed()[1])
    told = [recorded(), replace(recorded(), run=other)]
    core = core_of(
        replies={ReplayRun: steps, ExplainRun: lambda call: RunExplained(told.pop(0))},
    )
    async with looking(core, tmp_path) as driver:
        await press(driver, "enter")
        await press(driver, "R", waits=False)
        await press(driver, "home", waits=False)
        assert area_of(driver).query_one(Waterfall).at == 0
        await press(driver, "right_square_bracket")
        assert ReplayRun(RUN.id) in core.left
        assert "replay" not in [step.kind for step in steps_of(driver)]


async def test_text_is_selected_on_a_page_and_nothing_is_opened_by_it(tmp_path: Path) -> None:
    async with looking(core_of(), tmp_path) as driver:
        await press(driver, "enter", "down", "down")
        lines = driver.screen_text().splitlines()
        y = next(n for n, line in enumerate(lines) if "kept: cited as [1]" in line)
        x = lines[y].index("kept")
        await driver.drag((x, y), (x + 3, y))
        assert driver.app.screen.get_selected_text() == "kept"


async def test_a_page_that_could_not_be_read_is_asked_for_again(tmp_path: Path) -> None:
    first = listed()[0]
    told: list[object] = [NotFoundError("the ledger is busy")]

    def page(call: ListRuns) -> object:
        if call.after is not None and told:
            return told.pop()
        begin = 0 if call.after is None else 200
        found = tuple(replace(first, id=str(n)) for n in range(begin, begin + 200))
        return Runs(found, more=not begin)

    async with looking(core_of(replies={ListRuns: page}), tmp_path) as driver:
        rows = area_of(driver).query_one(RunList)
        await press(driver, "end")
        assert "the ledger is busy" in toasts(driver)
        assert rows.count == 200
        await press(driver, "home", "end")
        assert rows.count == 400


async def test_who_comes_back_to_a_long_list_is_where_they_were(tmp_path: Path) -> None:
    first = listed()[0]

    def page(call: ListRuns) -> Runs:
        begin = 0 if call.after is None else int(call.after.id) + 1
        ids = range(begin, begin + call.limit)
        return Runs(tuple(replace(first, id=str(n), question=f"Question {n}") for n in ids), True)

    async with looking(core_of(replies={ListRuns: page}), tmp_path) as driver:
        for key in ("end", "end", "up"):
            await press(driver, key)
        at = area_of(driver).query_one(RunList).current
        await press(driver, "f2")
        await press(driver, "f7")
        assert at is not None
        assert area_of(driver).query_one(RunList).current == at
        await press(driver, "s")
        assert driver.core.heard[-1] == ListRuns("status=answered", 200)


async def test_a_period_that_ended_goes_whole_and_a_quoted_name_is_one_part(
    tmp_path: Path,
) -> None:
    async with looking(core_of(), tmp_path) as driver:
        field = area_of(driver).query_one("#runs-filter", Input)
        area_of(driver).visit("since=2026-11-19T00:00Z until=2026-11-20T00:00Z model='my model'")
        await driver.settled()
        await press(driver, "p", "p")
        assert field.value == "model='my model' since=24h"
        await press(driver, "m")
        assert field.value == "since=24h"


async def test_keys_are_about_the_run_that_is_shown_and_a_late_rating_brings_back_none(
    tmp_path: Path,
) -> None:
    other = replace(recorded(), run=replace(recorded().run, summary=listed()[1]))
    rating, opening = asyncio.Event(), asyncio.Event()
    replies = {
        ExplainRun: lambda call: (
            [opening, RunExplained(other)]
            if call.run == listed()[1].id
            else RunExplained(recorded())
        ),
        calls.Rate: lambda call: [rating, calls.Done()],
    }
    async with looking(core_of(replies=replies), tmp_path) as driver:
        await press(driver, "enter")
        await press(driver, "plus", "right_square_bracket", waits=False)
        await press(driver, "minus", "y", waits=False)
        rating.set()
        await driver.pilot.pause()
        opening.set()
        await driver.settled()
        assert area_of(driver).query_one(RunPage)._shows(listed()[1].id)
        assert [one for one in driver.core.heard if isinstance(one, calls.Rate)] == [
            calls.Rate(RUN.id, "good")
        ]
        await press(driver, "y")
        assert driver.app.clipboard == listed()[1].id


async def test_one_run_is_counted_as_one(tmp_path: Path) -> None:
    core = core_of(replies={ListRuns: Runs(listed()[:1], more=False)})
    async with looking(core, tmp_path) as driver:
        assert "1 run" in driver.screen_text()
        assert "1 runs" not in driver.screen_text()


# --- visits ---------------------------------------------------------------------------------


async def test_somebody_who_comes_for_a_run_or_for_a_choice_gets_it(tmp_path: Path) -> None:
    async with looking(core_of(), tmp_path) as driver:
        area = area_of(driver)
        area.visit(RUN.id[:13])
        await driver.settled()
        assert driver.core.heard[-1] == ExplainRun(RUN.id[:13])
        assert "Checks" in driver.screen_text()
        area.visit("since=2026-11-01T00:00Z kind=ask model=openai/gpt-5-mini")
        await driver.settled()
        assert area.query_one("#runs-filter", Input).value.startswith("since=2026-11-01")
        listing = [one for one in driver.core.heard if isinstance(one, ListRuns)]
        assert listing[-1].choice.endswith("model=openai/gpt-5-mini")
        assert "Filter" in driver.screen_text()


async def test_a_choice_that_somebody_came_with_is_narrowed_by_what_is_typed(
    tmp_path: Path,
) -> None:
    async with looking(core_of(), tmp_path) as driver:
        area_of(driver).visit("since=2026-11-19T00:00Z until=2026-11-20T00:00Z")
        await driver.settled()
        await press(driver, "slash")
        await driver.type("SEV")
        await press(driver, "enter")
        choice = "since=2026-11-19T00:00Z until=2026-11-20T00:00Z SEV"
        assert driver.core.heard[-1] == ListRuns(choice, 200)


async def test_a_run_that_is_not_there_is_a_toast(tmp_path: Path) -> None:
    gone = NotFoundError("there is no run feedbeef", hint="copilot runs list")
    async with looking(core_of(replies={ExplainRun: gone}), tmp_path) as driver:
        area_of(driver).visit("feedbeef")
        await driver.settled()
        assert "there is no run feedbeef" in toasts(driver)


# --- over the real core ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return paged_home(tmp_path_factory.mktemp("runs"))


async def test_over_a_real_ledger_a_run_is_found_explained_made_again_and_written_out(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Path(shutil.copytree(source, tmp_path / "home"))
    core = real_core(home, monkeypatch)
    async with aclosing(core.stream(calls.Ask(QUESTION, "talk"))) as steps:
        [run_id] = [step.run_id async for step in steps if isinstance(step, RunFinished)]
    async with looking(core, tmp_path) as driver:
        assert area_of(driver).query_one(RunList).count == 2
        await press(driver, "slash")
        await driver.type("acknowledge")
        await press(driver, "enter")
        assert area_of(driver).query_one(RunList).count == 1
        await press(driver, "enter", "down")
        assert "kept: cited as [1]" in driver.screen_text()
        await press(driver, "enter", "enter")
        assert "│ You have 45 minutes to acknowledge a page." in driver.screen_text()
        await press(driver, "R")
        assert "the same: hits, answer and status" in driver.screen_text()
        assert "answer: the same, to the byte" in driver.screen_text()
        await press(driver, "plus")
        assert [step.kind for step in steps_of(driver)][-2:] == ["feedback", "replay"]
        await press(driver, "x", waits=False)
        path = tmp_path / "run.json"
        driver.app.screen.query_one(Input).value = str(path)
        await press(driver, "enter")
        assert json.loads(path.read_text("utf-8"))["run"]["summary"]["id"] == run_id
        await press(driver, "minus", "escape", "escape")
        assert area_of(driver).query_one(RunList).count == 3
        again = await core.call(ExplainRun(run_id), RunExplained)
        assert [given.rating for given in again.told.run.feedback] == ["good", "bad"]
