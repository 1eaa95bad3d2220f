"""Extraction, driven by keys and by the mouse, over the real core and over scripted ones."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.events import Paste
from textual.widgets import Input, OptionList, Static

from copilot import calls
from copilot.calls import extracting
from copilot.errors import ModelUnavailableError, SchemaError, SinkUnavailableError
from copilot.events import ModelChosen, RunStarted
from copilot.extracted import SourceText
from copilot.proposals import ProposalState, Standing
from copilot.testing.run_events import STARTED_AT
from copilot.testing.scripted_core import ScriptedCore
from copilot.tui.area import Visit
from copilot.tui.core import Core
from copilot.tui.extract.area import ExtractArea
from copilot.tui.extract.given import EDITABLE, Writing
from copilot.tui.extract.proposing import ProposeScreen
from copilot.tui.field_list import FieldList
from tests.cli.conftest import run_cli
from tests.corpora import REPOSITORY
from tests.proposed import proposal
from tests.tui.driving import NARROW, WIDE, Driver, RealCore, driven, real_core
from tests.tui.scenes.extract import scene
from tests.tui.test_lit_text import lit_words
from tests.tui.test_record_form import click as click_field

MAIL = REPOSITORY / "data" / "samples" / "label-printer.eml"
TEXT = MAIL.read_text(encoding="utf-8")


@pytest.fixture
def core(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RealCore:
    home = tmp_path / "home"
    home.mkdir()
    return real_core(home, monkeypatch)


@asynccontextmanager
async def extraction(
    core: Core, tmp_path: Path, *, size: tuple[int, int] = WIDE
) -> AsyncGenerator[tuple[Driver, ExtractArea]]:
    async with driven(core, tmp_path, size=size) as driver:
        await driver.settled()
        await driver.pilot.press("f4")
        await driver.settled()
        area = driver.app.screen
        assert isinstance(area, ExtractArea)
        yield driver, area


async def paste(driver: Driver, text: str) -> None:
    driver.app.post_message(Paste(text))
    await driver.pilot.pause()


async def until(driver: Driver, done: Any) -> None:
    """Until something holds; a modal question doesn't let workers end."""
    for _ in range(400):
        await driver.pilot.pause(0.02)
        if done():
            return
    raise AssertionError("it never came")


async def read(driver: Driver, area: ExtractArea, text: str, schema: str) -> None:
    """Paste a text, choose the schema, wait for the record."""
    await paste(driver, text)
    await driver.pilot.press("ctrl+e")
    await until(driver, lambda: driver.app.screen is not area)
    await driver.type(schema)
    await driver.pilot.press("enter")
    await driver.settled()


def values(area: ExtractArea) -> dict[str, object]:
    return area.found_pane.form.record


async def test_a_pasted_mail_becomes_a_record_with_its_words_lit(
    core: RealCore, tmp_path: Path
) -> None:
    async with extraction(core, tmp_path) as (driver, area):
        await read(driver, area, TEXT, "ticket")
        assert area.given_pane.lit.text == TEXT
        record = values(area)
        assert record["title"] == "Labels come out blank since the update"
        assert record["error_code"] == "ORD-4417"
        assert {"Labels come out blank since the update", "ORD-4417"} <= set(
            lit_words(area.given_pane.lit)
        )
        assert area.found_pane.form.valid
        await driver.pilot.press("down")
        assert area.found_pane.form.path == "requester_name"
        await driver.pilot.pause()
        assert lit_words(area.given_pane.lit, chosen=True) == ["Hanna Voss"]


async def test_the_area_and_the_command_read_the_same_record_and_evidence(
    core: RealCore, tmp_path: Path
) -> None:
    async with extraction(core, tmp_path) as (driver, area):
        await read(driver, area, TEXT, "ticket")
        reading = area.found_pane.reading
        assert reading is not None
        assert reading.record is not None
        by_command = run_cli("extract", "ticket", home=tmp_path / "other", stdin=TEXT).envelope
        assert values(area) == by_command["record"]
        spans = {(one.key, one.start, one.end) for one in reading.spans()}
        assert spans == {
            (name, one["start"], one["end"])
            for name, one in by_command["fields"].items()
            if one["start"] is not None
        }


async def test_the_cursor_on_lit_words_shows_their_field(core: RealCore, tmp_path: Path) -> None:
    async with extraction(core, tmp_path) as (driver, area):
        await read(driver, area, TEXT, "ticket")
        await driver.pilot.press("escape")
        assert area.focused is area.given_pane.lit
        area.given_pane.lit.cursor = TEXT.index("ORD-4417") - 1
        await driver.pilot.press("right")
        await driver.pilot.pause()
        assert area.found_pane.form.path == "error_code"


async def test_a_correction_is_checked_lit_and_proposed_and_can_be_visited(
    core: RealCore, tmp_path: Path
) -> None:
    async with extraction(core, tmp_path) as (driver, area):
        await read(driver, area, TEXT, "ticket")
        form = area.found_pane.form
        form.go_to("due_date")
        await driver.pilot.press("enter", "end", "x", "enter")
        await driver.settled()
        assert [one.path for one in form.problems] == ["due_date"]
        await driver.pilot.press("p")
        await driver.settled()
        assert driver.app.screen is area
        assert form.path == "due_date"
        assert "An invalid record can't be proposed" in notices(driver)
        await driver.pilot.press("delete")
        form.go_to("title")
        await driver.pilot.press("enter", "home", *["delete"] * 7, *"Labels ", "enter")
        form.go_to("requester_name")
        await driver.pilot.press("enter", "ctrl+u", *"Tom", "enter")
        await driver.settled()
        assert form.valid
        assert "Tom" in lit_words(area.given_pane.lit)
        await driver.pilot.press("p")
        await until(driver, lambda: "Enter propose" in told(driver))
        assert not core.parts.ready().delivery.outbox.content().standings
        assert "create ticket in desk" in driver.screen_text()
        assert "it waits in the inbox" in driver.screen_text()
        await driver.pilot.press("enter")
        await until(driver, lambda: "see it in the inbox" in told(driver))
        [standing] = core.parts.ready().delivery.outbox.content().standings
        assert standing.state is ProposalState.WAITING
        assert standing.proposal.taint.edited
        assert standing.proposal.record["requester_name"] == "Tom"
        await driver.pilot.press("enter")
        await driver.settled()
        assert driver.app.current_mode == "inbox"


def told(driver: Driver) -> str:
    return driver.screen_text() if isinstance(driver.app.screen, ProposeScreen) else ""


def notices(driver: Driver) -> str:
    return "\n".join(f"{one.title} {one.message}" for one in driver.app._notifications)


async def test_all_of_it_with_the_mouse(core: RealCore, tmp_path: Path) -> None:
    async with extraction(core, tmp_path) as (driver, area):
        await paste(driver, TEXT)
        await click(driver, "Ctrl+E extract")
        await until(driver, lambda: driver.app.screen is not area)
        await driver.pilot.click("#schemas", offset=(2, 5))
        await driver.settled()
        assert values(area)["error_code"] == "ORD-4417"
        form = area.found_pane.form
        await click_field(driver.pilot, form, "severity")
        await click_field(driver.pilot, form, "severity")
        await driver.settled()
        chooser = form.query_one(OptionList)
        first = chooser.get_option_at_index(0).id
        await driver.pilot.click(chooser, offset=(2, 0))
        await driver.settled()
        assert values(area)["severity"] == first
        lit = area.given_pane.lit
        rows = [lit.render_line(y).text.strip() for y in range(lit.size.height)]
        await driver.pilot.click(lit, offset=(2, rows.index("Hanna Voss")))
        await driver.pilot.pause()
        assert area.found_pane.form.path == "requester_name"
        await click(driver, "p propose")
        await until(driver, lambda: "Enter propose" in told(driver))
        await click(driver, "Enter propose")
        await until(driver, lambda: "see it in the inbox" in told(driver))
        await click(driver, "Esc back")
        await driver.settled()
        assert driver.app.screen is area
        assert "→ proposed" in driver.screen_text()
        await click(driver, "Esc edit the text")
        await driver.settled()
        assert area.query_one(Writing).text == TEXT
        assert area.found_pane.reading is None


async def click(driver: Driver, words: str) -> None:
    """Click on words that stand on the screen."""
    lines = driver.screen_text().splitlines()
    [(x, y)] = [(line.find(words), y) for y, line in enumerate(lines) if words in line]
    await driver.pilot.click(offset=(x + len(words) - 1, y))
    await driver.pilot.pause()


async def test_a_file_is_opened_by_its_path_with_completion(core: RealCore, tmp_path: Path) -> None:
    folder = tmp_path / "mails"
    folder.mkdir()
    (folder / "label-printer.eml").write_text(TEXT, encoding="utf-8")
    async with extraction(core, tmp_path) as (driver, area):
        await driver.pilot.press("ctrl+l")
        await until(driver, lambda: driver.app.screen is not area)
        driver.app.screen.query_one(Input).value = f"{folder}/lab"
        await until(driver, lambda: driver.app.screen.query_one("#files", OptionList).option_count)
        await driver.pilot.press("tab", "enter")
        await driver.settled()
        assert area.given_pane.lit.text == TEXT
        assert "label-printer.eml" in driver.screen_text()
        given = area.given_pane.given
        assert given is not None
        assert given.path == str(folder / "label-printer.eml")


async def test_who_comes_for_a_file_from_elsewhere_finds_it_opened(
    core: RealCore, tmp_path: Path
) -> None:
    async with driven(core, tmp_path) as driver:
        driver.app.post_message(Visit("extract", str(MAIL)))
        await until(driver, lambda: driver.app.current_mode == "extract")
        await driver.settled()
        area = driver.app.screen
        assert isinstance(area, ExtractArea)
        assert area.given_pane.lit.text == TEXT


async def test_lines_of_json_are_a_list_to_choose_from(core: RealCore, tmp_path: Path) -> None:
    rows = [json.dumps({"text": f"Room {n} is closed. [b]x[/b] \x1b[31m"}) for n in range(10_000)]
    file = tmp_path / "rooms.jsonl"
    file.write_text("\n".join(rows), encoding="utf-8")
    async with extraction(core, tmp_path) as (driver, area):
        area.visit(str(file))
        await driver.settled()
        assert "Room 0 is closed. [b]x[/b]" in driver.screen_text()
        await driver.pilot.press("down", "down", "enter")
        await driver.settled()
        assert area.given_pane.lit.text.startswith("Room 2 is closed.")
        assert "\x1b" not in driver.screen_text()


async def test_several_records_of_a_text_are_gone_through(core: RealCore, tmp_path: Path) -> None:
    text = (
        "Two things.\n\n1. The export to CSV fails with error E-1042. It is critical.\n\n"
        "2. The label printer prints blank pages, error ORD-4417.\n\nRegards\nGrace Hopper\n"
        "grace@navy.example\n"
    )
    async with extraction(core, tmp_path) as (driver, area):
        await read(driver, area, text, "ticket")
        reading = area.found_pane.reading
        assert reading is not None
        assert len(reading.records) == 2
        first = values(area)
        assert "ticket 1 of 2" in driver.screen_text()
        await driver.pilot.press("right_square_bracket")
        await driver.settled()
        assert "ticket 2 of 2" in driver.screen_text()
        assert values(area) == reading.records[1].record != first
        await driver.pilot.press("left_square_bracket")
        await driver.settled()
        assert values(area) == first


async def test_corrections_are_not_lost_without_a_question(core: RealCore, tmp_path: Path) -> None:
    async with extraction(core, tmp_path) as (driver, area):
        await read(driver, area, TEXT, "ticket")
        form = area.found_pane.form
        was = form.record
        await driver.pilot.press("enter", "end", "!", "enter")
        await driver.settled()
        for leaves in ("ctrl+n", "ctrl+e"):
            await driver.pilot.press(leaves)
            await until(driver, lambda: "Leave this record?" in driver.screen_text())
            await driver.pilot.press("escape")
            await driver.settled()
            assert form.record == {**was, "title": f"{was['title']}!"}
        form.focus()
        await driver.pilot.press("u")
        await driver.settled()
        assert form.record == was
        await driver.pilot.press("ctrl+n")
        await driver.settled()
        assert area.given_pane.given is None


async def test_a_file_that_is_dropped_is_opened_and_what_is_none_is_a_text(
    core: RealCore, tmp_path: Path
) -> None:
    async with extraction(core, tmp_path) as (driver, area):
        await paste(driver, "/no/such/file is what it said")
        await driver.settled()
        assert area.query_one(Writing).text == "/no/such/file is what it said"
        assert "Taken as a text" in notices(driver)
        await driver.pilot.press("ctrl+n")
        await driver.settled()
        await paste(driver, f"'{MAIL}'")
        await driver.settled()
        assert area.given_pane.lit.text == TEXT


async def test_the_record_is_copied_and_saved(core: RealCore, tmp_path: Path) -> None:
    async with extraction(core, tmp_path) as (driver, area):
        await read(driver, area, TEXT, "ticket")
        await driver.pilot.press("y")
        assert json.loads(driver.app.clipboard) == values(area)
        file = tmp_path / "out.jsonl"
        file.write_text("mine")
        await driver.pilot.press("s")
        await until(driver, lambda: driver.app.screen is not area)
        driver.app.screen.query_one(Input).value = str(file)
        await driver.pilot.press("enter")
        await until(driver, lambda: "such a file already" in driver.screen_text())
        assert file.read_text() == "mine"
        await driver.pilot.press("y")
        await driver.settled()
        assert json.loads(file.read_text(encoding="utf-8"))["record"] == values(area)


async def test_the_last_schema_is_remembered_and_nothing_is_guessed_before(
    core: RealCore, tmp_path: Path
) -> None:
    async with extraction(core, tmp_path) as (driver, area):
        assert "Ctrl+T schema" in driver.screen_text()
        await read(driver, area, "We meet on 3 March 2026 in Graz.", "meeting")
    async with extraction(core, tmp_path) as (driver, _area):
        assert "Ctrl+T meeting" in driver.screen_text()


async def test_a_schema_of_ones_own_is_asked_for_as_it_was_typed(
    core: RealCore, tmp_path: Path
) -> None:
    async with extraction(core, tmp_path) as (driver, area):
        await read(driver, area, "Cup: broken\nSent on: 3 March 2026\n", "cup?, sent_on: date?")
        assert values(area) == {"cup": None, "sent_on": "2026-03-03"}


# --- scripted: what takes long, fails, or is too much --------------------------------------

CARD = calls.SchemaCard("ticket", "ticket", ())
STARTED = RunStarted("run-1", "extract", "ticket from pasted text", "", "ana", STARTED_AT)


def scripted(extract: Any, **replies: Any) -> ScriptedCore:
    return ScriptedCore(
        replies={
            calls.ListSchemas: calls.Schemas((CARD,), last="ticket"),
            calls.CheckRecord: calls.RecordChecked(()),
            extracting.ListTexts: extracting.Texts((extracting.TextThere(1, "it"),), 1),
            extracting.Extract: extract,
            **replies,
        }
    )


async def test_a_sink_is_chosen_and_what_it_refuses_is_told(tmp_path: Path) -> None:
    def propose(call: extracting.ProposeRecord) -> Any:
        if call.sink == "tracker":
            return SinkUnavailableError("tracker can't be reached", hint="Try again later.")
        if call.dry_run:
            would = proposal(call.sink, record={}, sink=call.sink)
            return extracting.RecordProposed(would=would, what="create ticket", ruling="ask")
        made = proposal(call.sink, record=call.records[0].record, sink=call.sink)
        return extracting.RecordProposed(standing=Standing(made, ProposalState.WAITING))

    shown = scene().core
    shown._replies[extracting.ListSinks] = extracting.SinksTaking(("desk", "tracker", "crm"))
    shown._replies[extracting.ProposeRecord] = propose
    async with extraction(shown, tmp_path) as (driver, area):
        await scene().play(driver)
        await driver.pilot.press("p")
        await until(driver, lambda: "create ticket in desk" in told(driver))
        await driver.pilot.press("down")
        await until(driver, lambda: "✗ tracker can't be reached" in told(driver))
        assert "Try again later." in told(driver)
        await driver.pilot.press("enter")
        await driver.pilot.click("#sinks", offset=(2, 2))
        await until(driver, lambda: "create ticket in crm" in told(driver))
        await click(driver, "Enter propose")
        await until(driver, lambda: "It waits in the inbox" in told(driver))
        asked = [one for one in shown.heard if isinstance(one, extracting.ProposeRecord)]
        assert [(one.sink, one.dry_run) for one in asked][-1] == ("crm", False)
        assert ("tracker", False) not in [(one.sink, one.dry_run) for one in asked]
        await driver.pilot.press("escape")
        await driver.settled()
        assert driver.app.screen is area


async def test_stopping_closes_the_call_and_the_text_stays(tmp_path: Path) -> None:
    core = scripted([STARTED, ModelChosen("openai/slow", "configured"), asyncio.Event()])
    async with extraction(core, tmp_path) as (driver, area):
        await driver.type("hello there")
        await driver.pilot.press("ctrl+e")
        await until(driver, lambda: "openai/slow reads…" in driver.screen_text())
        assert "Esc stop" in driver.screen_text()
        await driver.pilot.press("escape")
        await driver.settled()
        assert extracting.Extract in [type(one) for one in core.left]
        assert "Stopped. The text is as it was." in driver.screen_text()
        assert area.query_one(Writing).text == "hello there"
        assert "Ctrl+E extract" in driver.screen_text()


async def test_who_writes_on_while_it_is_read_stops_that_and_loses_no_letter(
    tmp_path: Path,
) -> None:
    core = scripted([STARTED, ModelChosen("openai/slow", "configured"), asyncio.Event()])
    async with extraction(core, tmp_path) as (driver, area):
        await driver.type("hello")
        await driver.pilot.press("ctrl+e")
        await until(driver, lambda: "openai/slow reads…" in driver.screen_text())
        await driver.type(" pays")
        await driver.settled()
        assert extracting.Extract in [type(one) for one in core.left]
        assert "Stopped: another text." in driver.screen_text()
        assert area.query_one(Writing).text == "hello pays"
        assert area.query_one(Writing).has_focus


async def test_a_file_that_is_opened_while_another_text_is_read_stays(tmp_path: Path) -> None:
    source = SourceText("other.eml", "another text", "digest")
    core = scripted([STARTED, asyncio.Event()])
    core._replies[extracting.ReadText] = extracting.TextRead(source)
    async with extraction(core, tmp_path) as (driver, area):
        await driver.type("hello")
        await driver.pilot.press("ctrl+e")
        await until(driver, lambda: "Esc stop" in driver.screen_text())
        area.visit("other.eml")
        await driver.settled()
        assert extracting.Extract in [type(one) for one in core.left]
        assert area.given_pane.lit.text == "another text"


async def test_a_failure_is_told_with_its_remedy_and_nothing_is_lost(tmp_path: Path) -> None:
    core = scripted(ModelUnavailableError("openai is down", hint="Wait, or use rules."))
    async with extraction(core, tmp_path) as (driver, area):
        await driver.type("hello")
        await driver.pilot.press("ctrl+e")
        await driver.settled()
        assert "openai is down Wait, or use rules." in notices(driver)
        assert area.query_one(Writing).text == "hello"


async def test_an_unknown_schema_is_told_and_none_is_taken_in_its_place(tmp_path: Path) -> None:
    core = scripted([], **{})
    core._replies[calls.ListSchemas] = calls.Schemas((CARD,))
    core._replies[calls.DescribeSchema] = SchemaError("there is no schema './x'", hint="Name one.")
    async with extraction(core, tmp_path) as (driver, area):
        await read(driver, area, "hello", "./x")
        assert "there is no schema './x' Name one." in notices(driver)
        assert not any(isinstance(one, extracting.Extract) for one in core.heard)


async def test_schemas_that_could_not_be_told_are_asked_for_again(tmp_path: Path) -> None:
    core = scripted([])
    core._replies[calls.ListSchemas] = ModelUnavailableError("it is still waking up", hint="wait")
    async with extraction(core, tmp_path) as (driver, _):
        core._replies[calls.ListSchemas] = calls.Schemas((CARD,))
        await driver.pilot.press("ctrl+t")
        await until(driver, lambda: "ticket" in driver.screen_text())
        assert sum(isinstance(one, calls.ListSchemas) for one in core.heard) == 2


async def test_without_a_text_nothing_is_asked_for(tmp_path: Path) -> None:
    core = scripted([])
    async with extraction(core, tmp_path) as (driver, _area):
        await driver.pilot.press("ctrl+e")
        await driver.settled()
        assert "There is no text yet" in notices(driver)
        assert not any(isinstance(one, extracting.ListTexts) for one in core.heard)


async def test_a_text_too_long_to_edit_is_shown_and_extracted_from(tmp_path: Path) -> None:
    core = scripted(SchemaError("enough"))
    text = "long line of words\n" * (EDITABLE // 10)
    async with extraction(core, tmp_path) as (driver, area):
        await paste(driver, text)
        await driver.settled()
        assert area.given_pane.lit.text == text
        assert "It can't be edited here" in notices(driver)
        await driver.pilot.press("ctrl+e")
        await driver.settled()
        [asked] = [one for one in core.heard if isinstance(one, extracting.Extract)]
        assert asked.text == text
        await driver.pilot.press("ctrl+n")
        await driver.settled()
        assert area.given_pane.given is None


async def test_what_is_typed_fast_and_extracted_at_once_is_extracted_whole(tmp_path: Path) -> None:
    core = scripted(SchemaError("enough"))
    async with extraction(core, tmp_path) as (driver, _area):
        await driver.pilot.press(*"whole", "ctrl+e")
        await driver.settled()
        [asked] = [one for one in core.heard if isinstance(one, extracting.Extract)]
        assert asked.text == "whole"


async def test_on_a_narrow_screen_one_side_is_shown_and_a_key_turns(
    core: RealCore, tmp_path: Path
) -> None:
    async with extraction(core, tmp_path, size=NARROW) as (driver, area):
        assert not area.found_pane.display
        await read(driver, area, TEXT, "ticket")
        assert area.found_pane.region.width > 60
        assert not area.given_pane.region
        await driver.pilot.press("down", "down", "down")
        assert area.found_pane.form.path == "requester_phone"
        assert isinstance(area.focused, FieldList)
        await driver.pilot.press("ctrl+o")
        await driver.pilot.pause()
        assert lit_words(area.given_pane.lit, chosen=True) == ["+49 461 900 14 22"]
        await driver.pilot.press("ctrl+o")
        await driver.pilot.pause()
        assert area.given_pane.region.width == 0
        state = area.query_one("#found-name", Static)
        assert "✓ valid" in str(state.render())
