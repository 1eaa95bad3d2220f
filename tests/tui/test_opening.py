"""Which command opens a source at its line, and what is told where it fails."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import pytest
from textual.app import App

from copilot.messages import Locator
from copilot.places import file_target
from copilot.tui.opening import edit, editor_command, run_editor

LINES = Locator("lines", 12, 14)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"EDITOR": "vim"}, ["vim", "+12", "/a b.md"]),
        ({"EDITOR": "/usr/bin/nano -w"}, ["/usr/bin/nano", "-w", "+12", "/a b.md"]),
        ({"VISUAL": "code --wait", "EDITOR": "vim"}, ["code", "--wait", "--goto", "/a b.md:12"]),
        ({"EDITOR": "hx"}, ["hx", "/a b.md:12"]),
        ({"EDITOR": "less"}, ["less", "/a b.md"]),
        ({"EDITOR": ""}, []),
        ({"EDITOR": "vim 'open"}, []),
        ({}, []),
    ],
)
def test_a_path_is_one_argument_and_its_line_as_the_editor_takes_it(
    environment: dict[str, str], expected: list[str]
) -> None:
    assert list(editor_command(environment, "/a b.md#record-7", LINES)) == expected


def test_the_file_of_a_record_is_told_from_one_with_a_number_sign_in_its_name(
    tmp_path: Path,
) -> None:
    for name in ("C# notes.md", "a.csv", "a#b.csv"):
        (tmp_path / name).write_text("text")
    for path, file in (
        ("C# notes.md", "C# notes.md"),
        ("a.csv#7", "a.csv"),
        ("a#b.csv#q/1#2", "a#b.csv"),
        ("gone.csv#7", "gone.csv"),
    ):
        command = editor_command({"EDITOR": "less"}, str(tmp_path / path), LINES)
        assert list(command) == ["less", str(tmp_path / file)]
        assert file_target(str(tmp_path / path), LINES).startswith((tmp_path / file).as_uri())


def test_what_has_no_lines_opens_at_its_beginning() -> None:
    page = Locator("page", 3, 3)
    assert list(editor_command({"EDITOR": "vim"}, "/a.pdf", page)) == ["vim", "+1", "/a.pdf"]


def test_an_editor_that_is_not_there_is_told_by_its_code() -> None:
    assert run_editor(["no-such-editor-here", "/a.md"]) == 127


async def test_an_editor_that_fails_is_told_with_what_to_do_instead(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = App[None]()
    async with app.run_test() as pilot:
        monkeypatch.setattr(app, "suspend", nullcontext)
        edit(app, ["no-such-editor-here", "/a.md"], otherwise="v reads it here.")
        await pilot.pause()
        [told] = app._notifications
        assert (told.title, told.message) == (
            "no-such-editor-here failed",
            "It ended with 127. v reads it here.",
        )


async def test_where_no_editor_can_have_the_terminal_none_is_begun() -> None:
    app = App[None]()
    async with app.run_test() as pilot:  # like --inline, this one keeps it
        edit(app, ["no-such-editor-here", "/a.md"], otherwise="v reads it here.")
        await pilot.pause()
        [told] = app._notifications
        assert told.title.startswith("No editor can have the terminal")
        assert told.message == "v reads it here."
