"""Wherever several lines are written, keys of areas go there and undoing ends nothing."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.binding import Binding

from copilot.tui.writing import TextField


class Writes(App[None]):
    BINDINGS = [Binding("f6", "go(6)"), Binding("f7", "go(7)")]  # noqa: RUF012 (Textual's type)

    def __init__(self) -> None:
        super().__init__()
        self.gone: list[int] = []

    def compose(self) -> ComposeResult:
        yield TextField()

    def action_go(self, where: int) -> None:
        self.gone.append(where)


async def test_lines_that_vanish_below_the_cursor_are_undone_and_come_back() -> None:
    async with Writes().run_test() as pilot:
        field = pilot.app.query_one(TextField)
        field.insert("one")
        field.history.checkpoint()
        field.insert("\n" * 30 + "two")
        await pilot.pause()
        await pilot.press("ctrl+z")
        assert field.text == "one"
        await pilot.press("ctrl+y")
        assert field.text.endswith("two")


async def test_keys_of_areas_go_there_while_somebody_writes() -> None:
    async with Writes().run_test() as pilot:
        assert isinstance(pilot.app, Writes)
        pilot.app.query_one(TextField).focus()
        await pilot.press("x", "f6", "f7")
        assert pilot.app.gone == [6, 7]
        assert pilot.app.query_one(TextField).text == "x"
