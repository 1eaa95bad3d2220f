"""What a typed or pasted path means, and how it goes on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from copilot.knowledge.typed_paths import absolute, completions


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("docs", "Drafts", ".hidden", "my notes"):
        (tmp_path / name).mkdir()
    (tmp_path / "data.md").write_text("x")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_folders_come_first_whatever_their_case_and_hidden_ones_when_asked_for(
    place: Path,
) -> None:
    assert completions("d") == ["docs/", "Drafts/", "data.md"]
    assert completions("") == ["docs/", "Drafts/", "my notes/", "data.md"]
    assert completions(".h") == [".hidden/"]
    assert completions("d", limit=1) == ["docs/"]


def test_what_was_typed_stays_as_it_was_typed(place: Path) -> None:
    assert completions("~") == ["~/"]
    assert completions("~/do") == ["~/docs/"]
    assert completions(f"{place}/do") == [f"{place}/docs/"]
    assert completions("./do") == ["./docs/"]


def test_what_cannot_be_listed_has_no_completions(place: Path) -> None:
    assert completions("/no/such/place/x") == []
    assert completions("data.md/x") == []


def test_a_name_that_is_no_text_is_not_offered(place: Path) -> None:
    (place / os.fsdecode(b"do\xff")).mkdir()
    assert completions("do") == ["docs/"]


@pytest.mark.parametrize(
    "pasted",
    ["my notes", "'my notes'", '"my notes"', " my\\ notes\n", "~/my notes", "{}/my notes",
     "file://{}/my%20notes"],
)  # fmt: skip
def test_a_pasted_path_is_read_as_programs_write_paths(place: Path, pasted: str) -> None:
    assert absolute(pasted.format(place)) == str(place / "my notes")


def test_nothing_typed_is_not_the_folder_here(place: Path) -> None:
    assert absolute("  ") == ""
