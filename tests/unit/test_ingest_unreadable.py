"""What can't be read, listed or reached costs a sync no more than itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from copilot.config.schema import IndexSettings
from copilot.errors import KnowledgeIndexError, NotFoundError
from copilot.events import DocumentFailed, DocumentSkipped
from copilot.messages import ParsedDocument
from tests import sync_world
from tests.privileges import obeying_permissions
from tests.sync_world import World, finished, made_world, of, read


@pytest.fixture
def world(tmp_path: Path) -> World:
    return made_world(tmp_path)


# --- what can't be read ----------------------------------------------------------------


def test_a_failing_file_is_named_and_its_neighbours_go_on(world: World) -> None:
    world.write("a.txt", "!locked")
    world.write("b.txt", "beta")
    events = world.sync()
    assert of(DocumentFailed, events) == [
        DocumentFailed(str(world.folder / "a.txt"), "a.txt is locked", "unlock it")
    ]
    assert finished(events).failed == 1
    assert world.texts() == {"a.txt": [], "b.txt": ["beta"]}
    assert world.index.documents()[0].reason == "a.txt is locked"


@pytest.mark.parametrize("error", [ValueError("odd"), RecursionError(), KeyError("x")])
def test_a_bug_in_a_reader_costs_its_file_and_not_the_neighbours(
    world: World, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    plain_read = read

    def breaking(source: Path) -> Iterator[ParsedDocument]:
        yield from plain_read(source)
        if source.name == "b.txt":
            raise error

    monkeypatch.setattr(sync_world, "read", breaking)
    for name in ("a.txt", "b.txt", "c.txt"):
        world.write(name, name)
    events = world.sync()
    (failure,) = of(DocumentFailed, events)
    assert isinstance(failure, DocumentFailed)
    assert "its reader broke" in failure.reason
    assert set(world.texts()) == {"a.txt", "b.txt", "c.txt"}
    assert world.texts()["c.txt"] == ["c.txt"]


def test_a_failed_file_is_read_again_only_when_it_changed_or_on_request(world: World) -> None:
    world.write("a.txt", "!locked")
    world.sync()
    events = world.sync()
    assert (world.reads, finished(events).failed) == ([], 1)
    assert len(of(DocumentFailed, events)) == 1
    world.sync(retry=True)
    assert world.reads == ["a.txt"]
    world.write("a.txt", "readable now")
    assert world.counts(world.sync()) == (1, 0, 0, 0)
    assert world.index.documents()[0].reason == ""


def test_a_file_that_became_unreadable_is_no_longer_found(world: World) -> None:
    world.write("a.txt", "alpha")
    world.sync()
    world.write("a.txt", "!locked")
    world.sync()
    assert world.texts() == {"a.txt": []}


def test_skipped_files_are_remembered_with_their_reason_and_told_once(world: World) -> None:
    world.write("a.txt", "?nothing")
    world.write("empty.txt", "")
    world.write("picture.png", "x")
    events = world.sync()
    assert finished(events).skipped == 3
    assert len(of(DocumentSkipped, events)) == 3
    events = world.sync()
    assert finished(events).skipped == 3
    assert of(DocumentSkipped, events) == []
    assert {s.status for s in world.index.documents()} == {"skipped"}


def test_a_file_that_keeps_changing_is_left_for_the_next_sync(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = world.write("log.txt", "line")
    world.write("z.txt", "zeta")
    plain_read = read

    def growing(source: Path) -> Iterator[ParsedDocument]:
        yield from plain_read(source)
        if source == path:
            with path.open("a") as stream:
                stream.write(" more")

    monkeypatch.setattr(sync_world, "read", growing)
    events = world.sync()
    assert world.reads == ["log.txt", "log.txt", "z.txt"]
    (skipped,) = of(DocumentSkipped, events)
    assert isinstance(skipped, DocumentSkipped)
    assert "changes while it is being read" in skipped.reason
    monkeypatch.setattr(sync_world, "read", plain_read)
    assert world.counts(world.sync()) == (1, 0, 0, 1)
    assert world.texts()["log.txt"] == ["line more more"]


def test_a_file_that_changes_once_while_being_read_is_read_as_it_is_now(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = world.write("a.jsonl", '{"id": "1", "text": "old"}\n{"id": "2", "text": "gone"}')
    plain_read = read
    changes = iter(['{"id": "1", "text": "new"}'])

    def changing(source: Path) -> Iterator[ParsedDocument]:
        yield from plain_read(source)
        for text in changes:
            path.write_text(text)

    monkeypatch.setattr(sync_world, "read", changing)
    world.sync()
    assert world.texts() == {"a.jsonl": [], "a.jsonl#1": ["new"]}
    assert world.index.unfinished() == []


def test_a_name_that_is_not_utf8_is_named_and_left_out(world: World) -> None:
    name = os.fsencode(world.folder) + b"/\xff.txt"
    try:
        with open(name, "w") as stream:  # noqa: PTH123 - a bytes name
            stream.write("x")
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")
    world.write("a.txt", "alpha")
    events = world.sync()
    assert finished(events).skipped == 1
    assert finished(events).added == 1


# --- sources that aren't there ---------------------------------------------------------


def test_an_unreachable_source_keeps_its_documents_and_is_reported(world: World) -> None:
    world.write("a.txt", "alpha")
    world.sync()
    world.folder.rename(world.folder.with_name("elsewhere"))
    events = world.sync()
    (failure,) = of(DocumentFailed, events)
    assert isinstance(failure, DocumentFailed)
    assert failure.path == str(world.folder)
    assert "1 documents stay" in failure.reason
    assert world.index.count_passages() == 1


def test_an_empty_root_on_another_file_system_counts_as_unmounted(world: World) -> None:
    world.write("a.txt", "alpha")
    world.sync()
    source = world.index.sources()[0]
    world.index.save_source(replace(source, device=source.device + 1))
    (world.folder / "a.txt").unlink()
    events = world.sync()
    assert len(of(DocumentFailed, events)) == 1
    assert world.index.count_passages() == 1


@obeying_permissions
def test_documents_in_a_folder_that_can_not_be_listed_stay(world: World) -> None:
    world.write("sub/a.txt", "alpha")
    world.sync()
    (world.folder / "sub").chmod(0)
    try:
        world.sync()
    finally:
        (world.folder / "sub").chmod(0o700)
    assert world.index.count_passages() == 1


def test_documents_in_a_folder_that_can_no_longer_be_listed_stay_whoever_runs_the_sync(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.write("sub/a.txt", "alpha")
    world.write("other/b.txt", "beta")
    world.sync()
    (world.folder / "other" / "b.txt").unlink()
    listing = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("/sub"):
            raise PermissionError(13, "Permission denied", path)
        return listing(path)

    monkeypatch.setattr(os, "scandir", refuse)
    events = world.sync()
    assert [s.path for s in of(DocumentSkipped, events)] == [str(world.folder / "sub")]  # type: ignore[attr-defined]
    assert world.texts() == {"sub": [], "sub/a.txt": ["alpha"]}


def test_a_single_file_can_be_a_source_and_be_deleted(world: World, tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_text("a note")
    world.ingest().add(path)
    assert world.counts(world.sync()) == (1, 0, 0, 0)
    path.unlink()
    events = world.sync()
    assert world.index.count_passages() == 0
    assert finished(events).removed == 1


def test_a_path_that_does_not_exist_is_refused(world: World) -> None:
    with pytest.raises(NotFoundError):
        world.ingest().add(world.folder / "missing")


def test_a_rebuild_refuses_to_lose_an_unreachable_source(world: World) -> None:
    world.write("a.txt", "alpha")
    world.sync()
    world.folder.rename(world.folder.with_name("elsewhere"))
    with pytest.raises(KnowledgeIndexError, match="can't be reached"):
        world.sync(rebuild=True)
    assert world.index.count_passages() == 1


def linked(world: World, outside: Path) -> None:
    """A link to a file and one to a folder, both outside of the source."""
    (outside / "folder").mkdir(parents=True)
    (outside / "one.txt").write_text("one")
    (outside / "folder" / "two.txt").write_text("two")
    (world.folder / "one.txt").symlink_to(outside / "one.txt")
    (world.folder / "folder").symlink_to(outside / "folder")
    world.write("a.txt", "alpha")


# --- links -----------------------------------------------------------------------------


def test_links_are_not_read_and_are_listed_as_skipped(world: World, tmp_path: Path) -> None:
    linked(world, tmp_path / "outside")
    assert finished(world.sync()).skipped == 2
    assert world.reads == ["a.txt"]
    skipped = [state for state in world.index.documents() if state.status == "skipped"]
    assert [state.path for state in skipped] == [
        str(world.folder / "folder"),
        str(world.folder / "one.txt"),
    ]
    assert all("index.follow_links" in state.reason for state in skipped)


def test_what_was_read_through_links_goes_when_links_are_no_longer_followed(
    world: World, tmp_path: Path
) -> None:
    linked(world, tmp_path / "outside")
    world.settings = IndexSettings(follow_links=True)
    world.sync()
    assert world.texts() == {"a.txt": ["alpha"], "folder/two.txt": ["two"], "one.txt": ["one"]}
    world.settings = IndexSettings()
    events = world.sync()
    assert world.texts() == {"a.txt": ["alpha"], "folder": [], "one.txt": []}
    assert world.counts(events) == (0, 0, 1, 1)
    world.settings = IndexSettings(follow_links=True)
    world.sync()
    assert world.texts() == {"a.txt": ["alpha"], "folder/two.txt": ["two"], "one.txt": ["one"]}
