"""The form of a record: looked at, edited by keys and by the mouse, checked as it is typed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.events import Click, Key
from textual.geometry import Offset
from textual.pilot import Pilot
from textual.selection import Selection
from textual.widgets import Input, OptionList

from copilot import calls
from copilot.adapters.schemas import json_check
from copilot.errors import SchemaError
from copilot.extracted import Evidence, FieldValue, NullReason
from copilot.extraction.schemas import schema_of
from copilot.testing.scripted_core import ScriptedCore
from copilot.tui.field_line import Prose
from copilot.tui.field_list import FieldList
from copilot.tui.record_form import RecordForm
from copilot.tui.themes import VARIABLES
from tests.tui.test_smoothness import smoothest

SCHEMA = schema_of(
    {
        "type": "object",
        "properties": {
            "title": {"type": ["string", "null"], "description": "What it is about."},
            "severity": {"type": ["string", "null"], "enum": ["low", "high", None]},
            "seats": {"type": ["integer", "null"]},
            "names": {"type": "array", "items": {"type": "string", "minLength": 2}},
            "due": {"type": "string", "format": "date"},
        },
        "required": ["title", "severity", "seats", "names", "due"],
    },
    name="order",
)
CHECK = json_check(SCHEMA.json_schema, "order")
CARD = calls.SchemaCard("order", "order", SCHEMA.fields)
RECORD = {
    "title": "Twelve seats\nand a table",
    "severity": None,
    "seats": 12,
    "names": ["Ana", "Bo"],
    "due": "2026-11-02",
}
FIELDS = {
    "severity": FieldValue(null_reason=NullReason.NOT_STATED),
    "seats": FieldValue(12, Evidence("a dozen", 3, 10), 0.9),
}


class Page(App[None]):
    """A form and nothing else."""

    def __init__(self, core: ScriptedCore) -> None:
        super().__init__()
        self.core = core
        self.told: list[object] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return dict(VARIABLES)

    def compose(self) -> ComposeResult:
        yield RecordForm(self.core)
        yield Input(id="elsewhere")

    def on_record_form_pointed(self, event: RecordForm.Pointed) -> None:
        self.told.append((event.path, event.field.evidence if event.field else None))

    def on_record_form_edited(self, event: RecordForm.Edited) -> None:
        self.told.append(f"edited {event.path}")

    def on_record_form_checked(self, event: RecordForm.Checked) -> None:
        if event.error is not None:
            self.told.append(event.error.message)


@asynccontextmanager
async def form(
    record: Mapping[str, Any] = RECORD,
    *,
    core: ScriptedCore | None = None,
    height: int = 30,
) -> AsyncGenerator[tuple[Pilot[None], RecordForm, Page]]:
    app = Page(core or ScriptedCore(replies={calls.CheckRecord: checked}))
    async with app.run_test(size=(70, height)) as pilot:
        shown = app.query_one(RecordForm)
        await shown.load(CARD, record, FIELDS)
        shown.focus()
        await settled(pilot)
        yield pilot, shown, app


def checked(call: calls.CheckRecord) -> calls.RecordChecked:
    return calls.RecordChecked(CHECK(call.record))


async def settled(pilot: Pilot[None]) -> None:
    await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


def told(shown: RecordForm) -> dict[str, str]:
    """What stands beside the names."""
    fields = shown.query_one(FieldList).fields
    return {
        one.line.path: "\n".join("".join(words for words, _ in line) for line in one.said())
        for one in fields
    }


async def click(pilot: Pilot[Any], shown: RecordForm, path: str) -> None:
    """Click on the value of a field."""
    await pilot.click(FieldList, offset=(25, row_of(shown, path)))


async def test_each_field_shows_its_value_its_words_or_why_it_has_none() -> None:
    async with form() as (_, shown, _app):
        assert told(shown) == {
            "title": "Twelve seats\nand a table",
            "severity": "— not stated",
            "seats": "12\n“a dozen”",
            "names[0]": "Ana",
            "names[1]": "Bo",
            "names[2]": "+ add",
            "due": "2026-11-02",
        }
        assert shown.valid
        assert not shown.changed


async def test_a_value_that_nobody_is_sure_of_says_so() -> None:
    async with form() as (_, shown, _app):
        shown.know({"seats": FieldValue(12, Evidence("a dozen", 3, 10), 0.42)})
        assert told(shown)["seats"] == "12  ? 42% sure\n“a dozen”"


async def test_moving_over_the_fields_tells_their_evidence() -> None:
    async with form() as (pilot, shown, app):
        await pilot.press("down", "j", "k")
        await settled(pilot)
        assert app.told == [
            ("severity", None),
            ("seats", Evidence("a dozen", 3, 10)),
            ("severity", None),
        ]
        assert shown.path == "severity"


async def test_a_value_is_edited_in_its_place_and_enter_goes_on_to_the_next() -> None:
    async with form() as (pilot, shown, app):
        await pilot.press("j", "j", "enter", "end", "backspace", "4", "enter")
        await settled(pilot)
        assert shown.record == {**RECORD, "seats": 14}
        assert shown.changed
        assert "edited seats" in app.told
        assert shown.path == "names[0]"
        await pilot.press("u")
        await settled(pilot)
        assert shown.record == RECORD


async def test_what_is_wrong_stands_beside_the_field_while_it_is_typed() -> None:
    async with form() as (pilot, shown, _app):
        await pilot.press("j", "j", "enter", *"0 or so")
        await settled(pilot)  # the check, which waits for a pause of typing, is one of the workers
        assert not shown.valid
        [live] = shown.query(".live-problem")
        assert live.display
        assert "not a whole number" in str(live.render())
        assert [one.path for one in shown.problems] == ["seats"]
        await pilot.press("escape")
        await settled(pilot)
        assert shown.record == RECORD
        assert shown.valid


async def test_a_choice_is_chosen_and_may_be_empty_where_null_is_a_value() -> None:
    async with form() as (pilot, shown, _app):
        await pilot.press("j", "e", "down", "enter")
        await settled(pilot)
        assert shown.record["severity"] == "high"
        await pilot.press("k", "e", "end", "enter")
        await settled(pilot)
        assert shown.record["severity"] is None


async def test_on_a_short_screen_what_is_edited_is_brought_to_where_it_can_be_seen() -> None:
    async with form(height=12) as (pilot, shown, _app):
        listed = shown.query_one(FieldList)
        shown.go_to("due")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        await pilot.press("x")
        await settled(pilot)
        assert shown.query_one(".live-problem").display
        assert listed.region.contains_region(shown.query_one(".editor").region)
        await pilot.press("escape", "home", "down", "enter")
        await settled(pilot)
        assert shown.path == "severity"
        assert listed.region.contains_region(shown.query_one(".editor").region)


async def test_items_are_added_and_taken_out() -> None:
    async with form() as (pilot, shown, _app):
        await pilot.press(*"jjjjj", "enter", *"Cy", "enter")
        await settled(pilot)
        assert shown.record["names"] == ["Ana", "Bo", "Cy"]
        shown.go_to("names[0]")
        await pilot.press("delete")
        await settled(pilot)
        assert shown.record["names"] == ["Bo", "Cy"]
        assert shown.valid


async def test_a_list_without_items_says_why() -> None:
    async with form({**RECORD, "names": []}) as (_, shown, _app):
        shown.know({"names": FieldValue(null_reason=NullReason.NEEDS_MODEL)})
        assert told(shown)["names[0]"] == "— needs model   + add"


async def test_a_field_that_must_not_be_empty_says_so() -> None:
    async with form() as (pilot, shown, _app):
        await pilot.press("end", "delete")
        await settled(pilot)
        assert [one.path for one in shown.problems] == ["due"]
        assert "✗" in told(shown)["due"]


async def test_a_value_of_several_lines_is_written_in_several() -> None:
    async with form() as (pilot, shown, _app):
        await pilot.press("enter")
        await settled(pilot)
        assert shown.query_one(Prose).text == RECORD["title"]
        await pilot.press("ctrl+j", *"jeje", "enter")
        await settled(pilot)
        assert shown.record["title"] == f"{RECORD['title']}\njeje"


async def test_the_mouse_chooses_a_field_and_then_edits_it() -> None:
    async with form() as (pilot, shown, app):
        await click(pilot, shown, "severity")
        await settled(pilot)
        assert app.told == [("severity", None)]
        await click(pilot, shown, "severity")
        await settled(pilot)
        await pilot.click(OptionList, offset=(2, 1))
        await settled(pilot)
        assert shown.record["severity"] == "high"


async def test_leaving_an_editor_keeps_what_was_typed() -> None:
    async with form() as (pilot, shown, _app):
        await pilot.press("j", "j", "enter", "end", "3")
        await pilot.click("#elsewhere")
        await settled(pilot)
        assert shown.record["seats"] == 123
        assert not shown.query(".editor")


@pytest.mark.parametrize(
    "value", ["\x1b[31mred", "[b]bold[/b] [@click=app.quit]x[/]", "\u202eevil"]
)
async def test_a_hostile_value_is_shown_harmless_and_looking_at_it_changes_nothing(
    value: str,
) -> None:
    record = {**RECORD, "title": value}
    async with form(record) as (pilot, shown, _app):
        drawn = told(shown)["title"]
        assert not set(drawn) & set("\x1b\u202e")
        assert ("[b]" in drawn) == ("[b]" in value)
        await pilot.press("enter", "enter")
        await settled(pilot)
        assert shown.record == record
        assert not shown.changed


async def test_a_record_that_cannot_be_checked_is_not_taken_for_valid() -> None:
    core = ScriptedCore(replies={calls.CheckRecord: SchemaError("there is no schema 'order'")})
    async with form(core=core) as (_, shown, app):
        assert not shown.valid
        assert app.told == ["there is no schema 'order'"]


PERSON = {name: {"type": "string"} for name in ("name", "mail", "role", "phone")}
LONG = schema_of(
    {
        "type": "object",
        "properties": {
            "title": {"type": "string"},
            "people": {
                "type": "array",
                "items": {"type": "object", "properties": PERSON, "required": [*PERSON]},
            },
            "names": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["title", "people", "names"],
    },
    name="list",
)


async def test_hundreds_of_lines_are_loaded_walked_and_edited_without_holding_the_loop() -> None:
    person = {"name": "Ana Reyes", "mail": "ana@navy.example", "role": "chief", "phone": "12"}
    record = {"title": "All", "people": [person] * 60, "names": ["Bo"] * 60}
    card = calls.SchemaCard("list", "list", LONG.fields)
    app = Page(ScriptedCore(replies={calls.CheckRecord: calls.RecordChecked()}))
    async with app.run_test(size=(70, 20)) as pilot:
        shown = app.query_one(RecordForm)

        async def work() -> None:
            """No pauses that wait until the process is idle, which a watched one never is."""
            await shown.load(card, record)
            shown.focus()
            for key in ("end", "pageup", "enter", "x", "enter", "delete"):
                app.post_message(Key(key, key if len(key) == 1 else None))
                await asyncio.sleep(0.03)
            await app.workers.wait_for_complete()

        await work()  # styles load once
        assert await smoothest(work) < 0.05
        await settled(pilot)
        assert len(shown.query_one(FieldList).fields) == 302  # the last of them was deleted
        assert shown.record != record


async def test_an_editor_stays_with_its_field_wherever_that_is_scrolled_to() -> None:
    record = {**RECORD, "names": [f"Name {n}" for n in range(30)]}
    async with form(record, height=14) as (pilot, shown, _app):
        listed = shown.query_one(FieldList)
        await pilot.press("pagedown", "enter")
        await settled(pilot)
        at = shown.path
        assert shown.query_one(".editor").region.y == listed.region.y + row_of(shown, at)
        listed.scroll_relative(y=3, animate=False)
        await settled(pilot)
        assert shown.query_one(".editor").region.y == listed.region.y + row_of(shown, at)
        await pilot.press("end", "!", "enter")
        await settled(pilot)
        assert f"{record['names'][int(at[6:-1])]}!" in shown.record["names"]


def row_of(shown: RecordForm, path: str) -> int:
    """The row of the list on which a field begins."""
    listed = shown.query_one(FieldList)
    [at] = [at for at, one in enumerate(listed.fields) if one.line.path == path]
    return listed.top_of(at) - round(listed.scroll_y)


async def test_a_click_means_what_was_there_when_the_button_went_down() -> None:
    async with form(RECORD) as (pilot, shown, _app):
        await pilot.press("enter")  # an editor of several lines, which closes when it is left
        await settled(pilot)
        await click(pilot, shown, "due")
        await settled(pilot)
        assert shown.path == "due"


async def test_the_end_of_selecting_a_value_is_no_click_on_its_field() -> None:
    async with form() as (pilot, shown, app):
        app.screen.selections = {shown.query_one(FieldList): Selection(Offset(22, 2), None)}
        listed = shown.query_one(FieldList)
        listed._pressed = listed.fields[-1]
        listed.post_message(Click(listed, 25, 2, 0, 0, 1, False, False, False))
        await settled(pilot)
        assert shown.path == "title"
        app.screen.clear_selection()
        listed.post_message(Click(listed, 25, 2, 0, 0, 1, False, False, False))
        await settled(pilot)
        assert shown.path == "due"
