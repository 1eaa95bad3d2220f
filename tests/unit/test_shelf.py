"""The documents of the index by folder and by name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from copilot.calls.knowledge import Entry, FolderListed
from copilot.errors import NotFoundError
from copilot.knowledge.shelf import Shelf
from copilot.messages import Principal, SearchFilter
from tests.sync_world import World, made_world

ANYBODY = SearchFilter(principal=Principal("ana"))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return made_world(tmp_path)


def folder(shelf: Shelf, path: Path | str, *, unread: bool = False) -> list[Entry]:
    return list(shelf.folder(str(path), unread=unread, start=0, limit=500).entries)


def test_a_folder_tells_what_lies_below_it_folders_first(world: World) -> None:
    world.write("b.txt", "beta")
    world.write("Team/a.txt", "alpha")
    world.write("Team/deep/c.txt", "!locked")
    world.write("Team a.txt", "beside a folder of nearly that name")
    world.write("pic.png", "x")
    world.sync()
    shelf = Shelf(world.index)
    team, *documents = folder(shelf, world.folder)
    assert team == Entry(
        f"{world.folder}/Team", "Team", "folder", documents=1, passages=1, failed=1
    )
    assert [(one.name, one.status) for one in documents] == [
        ("b.txt", "indexed"),
        ("pic.png", "skipped"),
        ("Team a.txt", "indexed"),
    ]
    assert [one.name for one in folder(shelf, f"{world.folder}/Team")] == ["deep", "a.txt"]
    assert [one.name for one in folder(shelf, world.folder, unread=True)] == ["Team", "pic.png"]


def test_a_file_of_records_is_a_folder_of_them(world: World) -> None:
    records = [{"id": "q/1", "text": "one"}, {"id": "q2", "text": "two"}]
    path = world.write("sub/faq.jsonl", "\n".join(map(json.dumps, records)))
    world.sync()
    shelf = Shelf(world.index)
    [sub] = folder(shelf, world.folder)
    assert (sub.name, sub.kind, sub.documents) == ("sub", "folder", 2)
    [faq] = folder(shelf, sub.path)
    assert (faq.name, faq.kind, faq.documents, faq.path) == ("faq.jsonl", "folder", 2, str(path))
    assert [(one.name, one.path) for one in folder(shelf, faq.path)] == [
        ("q/1", f"{path}#q/1"),
        ("q2", f"{path}#q2"),
    ]


def test_a_source_that_is_a_file_lists_itself(world: World, tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("a note")
    world.ingest().add(note)
    world.sync()
    [entry] = folder(Shelf(world.index), note)
    assert (entry.name, entry.kind, entry.path) == ("note.txt", "document", str(note))


def test_what_is_of_a_source_inside_another_is_listed_there_alone(world: World) -> None:
    world.write("a.txt", "alpha")
    world.write("team/b.txt", "beta")
    world.ingest().add(world.folder / "team", labels=["hr"])
    world.sync()
    shelf = Shelf(world.index)
    assert [one.name for one in folder(shelf, world.folder)] == ["a.txt"]
    assert [one.name for one in folder(shelf, world.folder / "team")] == ["b.txt"]


def test_parts_of_many_are_told_with_their_number(world: World) -> None:
    for number in range(30):
        world.write(f"{number:02}.txt", f"text {number}")
    world.sync()
    part = Shelf(world.index).folder(str(world.folder), unread=False, start=10, limit=5)
    assert [one.name for one in part.entries] == [f"{number}.txt" for number in range(10, 15)]
    assert part.total == 30


def test_names_and_titles_are_found_by_all_words_whatever_their_case(world: World) -> None:
    world.write("After/Post mortem.txt", "text")
    world.write("After/other.txt", "?nothing in it")
    world.sync()
    shelf = Shelf(world.index)

    def found(typed: str, *, unread: bool = False) -> FolderListed:
        return shelf.named(typed, unread=unread, start=0, limit=10)

    assert [one.name for one in found("MORTEM after").entries] == ["Post mortem.txt"]
    assert found("after").total == 2
    assert [one.name for one in found("after", unread=True).entries] == ["other.txt"]
    assert found("nowhere") == FolderListed((), 0)


def test_it_is_read_again_once_it_has_changed(world: World) -> None:
    shelf = Shelf(world.index)
    assert folder(shelf, world.folder) == []
    world.write("a.txt", "alpha")
    world.sync()
    assert folder(shelf, world.folder) == []
    shelf.forget()
    assert [one.name for one in folder(shelf, world.folder)] == ["a.txt"]


def test_a_document_and_its_passages_are_told_to_whom_they_are_for(world: World) -> None:
    path = str(world.write("a.txt", "# Alpha\n\nOne.\n\n# Beta\n\nTwo."))
    world.ingest().add(world.folder, labels=["hr"])
    world.sync()
    shelf = Shelf(world.index)
    state = shelf.document(path)
    assert (state.status, state.labels) == ("indexed", ("hr",))
    assert shelf.passages(path, ANYBODY, start=0, limit=9) == []
    inside = SearchFilter(principal=Principal("ben", ("hr",)))
    seen = shelf.passages(path, inside, start=0, limit=9)
    assert [one.ordinal for one in seen] == list(range(state.passages))
    assert shelf.passages(path, inside, start=state.passages, limit=9) == []
    with pytest.raises(NotFoundError, match="no document"):
        shelf.document(f"{world.folder}/nothing.txt")


def test_a_file_that_was_not_read_has_a_remedy(world: World) -> None:
    path = world.write("a.txt", "!locked")
    other = world.write("b.txt", "?nothing in it")
    world.sync()
    states = {state.path: state for state in world.index.documents()}
    failed, skipped = states[str(path)], states[str(other)]
    ingest = world.ingest()
    assert ingest.remedy(failed) == "unlock it"
    assert ingest.remedy(skipped) == ""
    other.write_text("words")
    assert ingest.remedy(skipped) == ""
    path.write_text("open")
    assert "sync" in ingest.remedy(failed)
    path.unlink()
    assert "gone" in ingest.remedy(failed)
