"""The knowledge area, driven by keys and by the mouse, over a real index."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import aclosing, nullcontext
from functools import partial
from pathlib import Path

import pytest
from textual.widgets import Input, OptionList, Static

from copilot.calls import knowledge
from copilot.errors import KnowledgeIndexError
from copilot.events import DocumentFailed, IngestProgress, SyncFinished
from copilot.knowledge import batches
from copilot.knowledge.watching import changed
from copilot.messages import Locator
from copilot.testing.scripted_core import ScriptedCore
from copilot.tui.core import Core
from copilot.tui.knowledge.detail import PassageList
from copilot.tui.knowledge.hits import HitList
from copilot.tui.status_line import StatusLine
from copilot.tui.viewer import ViewerScreen
from tests.tui.driving import NARROW, driven, real_core
from tests.tui.knowing import Hands, knowing, many


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    return documents(tmp_path)


def documents(beside: Path) -> Path:
    folder = beside / "docs"
    (folder / "on call").mkdir(parents=True)
    (folder / "on call" / "paging.md").write_text(
        "# Paging\n\nThe backup is paged after five minutes.\n\n# Silence\n\nNobody is paged.\n"
    )
    (folder / "printer.md").write_text("# Printer\n\nThe printer is in room 12.\n")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 but not really")
    return folder


@pytest.fixture(autouse=True)
def _without_an_editor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", "")
    monkeypatch.delenv("VISUAL", raising=False)


@pytest.fixture
def core(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Core:
    return real_core(tmp_path / "home", monkeypatch)


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Core, Path]]:
    """A core that knows the documents of a folder, for tests that change neither."""
    folder = tmp_path_factory.mktemp("known")
    docs = documents(folder)
    with pytest.MonkeyPatch.context() as patch:
        core = real_core(folder / "home", patch)
        asyncio.run(synced(core, docs))
        yield core, docs


async def synced(core: Core, docs: Path) -> None:
    await core.call(knowledge.AddSource(str(docs)), knowledge.SourceAdded)
    async with aclosing(core.stream(knowledge.Sync())) as steps:
        async for _ in steps:
            pass


# --- with a real index -------------------------------------------------------------------


@pytest.mark.slow
async def test_a_folder_is_added_by_keys_with_its_path_completed(
    core: Core, tmp_path: Path, docs: Path
) -> None:
    async with knowing(core, tmp_path) as hands:
        assert "a adds a folder" in hands.says("nothing")
        await hands.press("a")
        await hands.driver.pilot.pause()
        path = hands.driver.app.screen.query_one("#path", Input)
        path.value = f"{docs.parent}/"
        await hands.driver.type("do")
        offered = hands.driver.app.screen.query_one("#offered", OptionList)
        await hands.until(lambda: offered.option_count == 1)
        await hands.press("tab")
        assert path.value == f"{docs}/"
        await hands.press("backspace", "enter")
        await hands.settled()
        assert "2 added, 1 failed" in hands.says("work")
        assert "broken.pdf" in hands.says("trouble")
        assert hands.names == ["docs", "  on call", "  broken.pdf", "  printer.md"]
        assert "1 source · 2 documents" in hands.says("totals")
        assert "up to date" in hands.driver.screen_text()


@pytest.mark.slow
async def test_the_tree_is_walked_and_a_documents_facts_and_passages_are_read(
    known: tuple[Core, Path], tmp_path: Path
) -> None:
    core, docs = known
    async with knowing(core, tmp_path) as hands:
        await hands.go_to("on call")
        await hands.press("right")
        await hands.settled()
        assert hands.names[:3] == ["docs", "  on call", "    paging.md"]
        await hands.go_to("paging.md")
        assert "on call/paging.md" in hands.says("what").replace("\n", "")
        assert "text/markdown" in hands.says("facts")
        assert "everybody" in hands.says("facts")
        await hands.press("enter")
        passages = hands.area.query_one(PassageList)
        assert passages.has_focus
        assert passages.count == 2
        await hands.press("down")
        await hands.settled()
        assert "Nobody is paged." in hands.says("text")
        await hands.press("v")
        await hands.settled()
        assert isinstance(hands.driver.app.screen, ViewerScreen)
        assert "The backup is paged" in hands.driver.screen_text()
        await hands.press("escape")
        await hands.settled()
        await hands.press("escape", "left")
        assert hands.tree.chosen is not None
        assert hands.tree.chosen.path == f"{docs}/on call"
        await hands.press("left")
        assert "    paging.md" not in hands.names
        await hands.go_to("broken.pdf")
        assert "could not be read" in hands.says("text")
        assert "t reads again" in hands.says("text")


@pytest.mark.slow
async def test_passages_are_searched_and_their_scores_told_by_part(
    known: tuple[Core, Path], tmp_path: Path
) -> None:
    core, docs = known
    async with knowing(core, tmp_path) as hands:
        await hands.press("f")
        await hands.driver.type("printer is")
        await hands.press("enter")
        await hands.settled()
        hits = hands.area.query_one(HitList)
        assert hands.area.focused is hits
        assert hits.chosen is not None
        assert hits.chosen.path == f"{docs}/printer.md"
        facts = hands.says("facts")
        for part in ("fused", "meaning", "nearest sentence", "words (BM25)"):
            assert part in facts
        text = hands.area.query_one("#text", Static).content
        lit = [span for span in text.spans if "accent" in str(span.style)]  # type: ignore[union-attr]
        assert str(text)[lit[0].start : lit[0].end] == "The printer is in room 12."
        await hands.press("escape")
        await hands.settled()
        assert hands.tree.has_focus
        assert hands.tree.display


@pytest.mark.slow
async def test_what_is_not_for_the_principal_is_neither_shown_nor_found(
    core: Core, tmp_path: Path, docs: Path
) -> None:
    async with knowing(core, tmp_path) as hands:
        await hands.add(docs, "hr, eng")
        await hands.go_to("printer.md")
        assert "hr, eng" in hands.says("facts")
        assert "room 12" not in hands.says("text")
        assert "not for you" in hands.says("text")
        await hands.press("f")
        await hands.driver.type("printer")
        await hands.press("enter")
        await hands.settled()
        assert "room 12" not in hands.driver.screen_text()
        assert "Nothing was found" in hands.says("nothing")


@pytest.mark.slow
async def test_changes_are_seen_synced_and_written_down(
    core: Core, tmp_path: Path, docs: Path
) -> None:
    async with knowing(core, tmp_path) as hands:
        await hands.add(docs)
        (docs / "scanner.md").write_text("# Scanner\n\nThe scanner is in room 13.\n")
        await hands.press("r")
        await hands.settled()
        assert "1 new" in hands.driver.screen_text()
        await hands.press("s")
        await hands.settled()
        assert "1 added" in hands.says("work")
        await hands.go_to("scanner.md")
        await hands.press("D")
        await hands.driver.pilot.pause()
        await hands.press("escape")
        await hands.settled()
        assert "  scanner.md" in hands.names
        await hands.press("D")
        await hands.driver.pilot.pause()
        await hands.press("y")
        await hands.settled()
        assert "  scanner.md" not in hands.names
        assert (docs / "scanner.md").exists()
        trail = (tmp_path / "home" / "ledger" / "audit.jsonl").read_text().splitlines()
        assert [json.loads(line)["action"] for line in trail] == ["index.add", "index.remove"]


@pytest.mark.slow
async def test_the_area_is_worked_with_the_mouse_alone(
    core: Core, tmp_path: Path, docs: Path
) -> None:
    async with knowing(core, tmp_path) as hands:
        await hands.click("a add", opens=True)
        asked = hands.driver.app.screen
        asked.query_one("#path", Input).value = str(docs.parent / "do")
        await hands.until(lambda: asked.query_one(OptionList).option_count == 1)
        assert await hands.driver.pilot.click("#offered", offset=(3, 0))
        await hands.until(lambda: asked.query_one("#path", Input).value == f"{docs}/")
        await hands.click("adds and reads it")
        assert "2 added" in hands.says("work")
        await hands.click("▸ on call")
        await hands.click("▸ on call")
        assert "    paging.md" in hands.names
        await hands.click("· paging.md")
        assert "paging.md" in hands.says("what")
        await hands.click("sync all")
        assert "Nothing has changed" in hands.says("work")
        await hands.click("search")
        hands.area.query_one("#search", Input).value = "printer"
        await hands.press("enter")
        await hands.settled()
        await hands.click("Esc back")
        await hands.click("remove", opens=True)
        await hands.click("Esc keep")
        assert "docs" in hands.names


@pytest.mark.slow
async def test_a_sync_that_is_stopped_leaves_what_can_be_searched_and_gone_on_with(
    core: Core, tmp_path: Path, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "_COMMIT_DOCUMENTS", 20)
    monkeypatch.setattr("copilot.knowledge.reporting._EVERY_S", 0.0)
    commit, goes_on = batches.Batches.commit, threading.Event()

    def commit_and_wait(self: batches.Batches) -> None:
        commit(self)
        assert goes_on.wait(10)

    monkeypatch.setattr(batches.Batches, "commit", commit_and_wait)
    for number in range(60):
        (docs / f"note-{number:04}.md").write_text(f"# Note {number}\n\nWords of {number}.\n")
    async with knowing(core, tmp_path) as hands:
        await core.call(knowledge.AddSource(str(docs)), knowledge.SourceAdded)
        await hands.press("r")
        await hands.settled()
        await hands.press("s")
        await hands.until(lambda: " of 63" in hands.says("work"))
        await hands.until(lambda: "passages" in hands.says("work"))
        await hands.press("x")
        goes_on.set()
        await hands.settled()
        assert "Stopped" in hands.says("work")
        first = await core.call(knowledge.ListSources(), knowledge.Sources)
        assert 0 < first.documents < 62
        await hands.press("f")
        await hands.driver.type("words of 7")
        await hands.press("enter")
        await hands.settled()
        assert hands.area.query_one(HitList).count
        await hands.press("escape", "s")
        await hands.settled()
        assert f"{62 - first.documents:,} added" in hands.says("work")


@pytest.mark.slow
async def test_changes_are_told_quietly_while_the_sources_are_watched(
    core: Core, tmp_path: Path, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon = partial(changed, every_s=0.05, rest_s=0.05)
    monkeypatch.setattr("copilot.knowledge.ingest.changed", soon)
    async with knowing(core, tmp_path) as hands:
        await hands.add(docs)
        await hands.press("w")
        line = hands.area.query_one(StatusLine)
        await hands.until(lambda: "watching" in str(line.content))
        (docs / "scanner.md").write_text("# Scanner\n\nThe scanner is in room 13.\n")
        await hands.until(lambda: "watching: 1 changed" in str(line.content))
        await hands.until(lambda: "  scanner.md" in hands.names)
        await hands.press("w")
        await hands.until(lambda: "watching" not in str(line.content))
        assert not hands.area.watching


# --- with a scripted one -----------------------------------------------------------------


async def test_ten_thousand_documents_are_walked_and_filtered(tmp_path: Path) -> None:
    core = many(10_000)
    async with knowing(core, tmp_path) as hands:
        assert hands.tree.count == 10_001
        await hands.press("end")
        await hands.settled()
        assert "page 09999.md" in hands.driver.screen_text()
        await hands.press("pageup", "up", "home", "pagedown")
        await hands.press("slash")
        await hands.driver.type("0777")
        await hands.settled()
        assert hands.tree.count == 11
        assert hands.names[0] == "page 00777.md"
        await hands.press("escape")
        await hands.settled()
        assert hands.tree.count == 10_001


async def test_names_that_are_hostile_are_only_names(tmp_path: Path) -> None:
    name = "[red]x[/red]\x1b[31m\u202e.md"
    source = knowledge.SourceCard(f"/srv/{name}", labels=(name,), documents=1)
    entry = knowledge.Entry(f"/srv/{name}/{name}", name, "document", status="failed")
    shown = knowledge.DocumentShown(
        entry.path, name, source.root, "failed", 1, 0, reason=name, remedy=name, reader=name
    )
    core = ScriptedCore(
        replies={
            knowledge.ListSources: knowledge.Sources((source,), documents=1),
            knowledge.CheckSources: knowledge.SourcesChecked(()),
            knowledge.ListFolder: knowledge.FolderListed((entry,), 1),
            knowledge.ShowDocument: shown,
            knowledge.Sync: [
                IngestProgress("reading", 1, 2, entry.path),
                DocumentFailed(entry.path, name, name),
                KnowledgeIndexError(f"{name} is away", hint=name),
            ],
        }
    )
    async with knowing(core, tmp_path) as hands:
        await hands.press("down")
        await hands.settled()
        await hands.press("s")
        await hands.settled()
        seen = hands.driver.screen_text()
        assert "[red]x[/red]" in seen
        assert not {"\x1b", "\u202e"} & set(seen)


async def test_progress_tells_how_far_how_fast_and_what_failed_and_can_be_stopped(
    tmp_path: Path,
) -> None:
    gate = asyncio.Event()
    core = many(3)
    core._replies[knowledge.Sync] = [
        IngestProgress("reading", 40, 80, "/srv/wiki/page 00040.md"),
        DocumentFailed("/srv/wiki/a.pdf", "a.pdf is damaged", "Get a fresh copy."),
        gate,
        SyncFinished(1, 0, 0, 0, 0, 1, 1, 1, 10.0),
    ]
    async with knowing(core, tmp_path) as hands:
        await hands.press("s")
        await hands.driver.pilot.pause(0.3)
        assert "reading 40 of 80" in hands.says("work")
        assert "stop" in hands.driver.screen_text()
        await hands.press("s")
        await hands.driver.pilot.pause()
        assert sum(isinstance(one, knowledge.Sync) for one in core.heard) == 1
        await hands.press("x")
        await hands.settled()
        assert "Stopped" in hands.says("work")
        assert hands.says("trouble") == "✗ a.pdf is damaged. Get a fresh copy."
        assert knowledge.Sync in [type(one) for one in core.left]


async def test_a_core_that_fails_is_told_and_nothing_is_lost(tmp_path: Path) -> None:
    core = many(3)
    async with knowing(core, tmp_path) as hands:
        before = hands.names
        damaged = KnowledgeIndexError("The index is damaged.", hint="copilot index rebuild")
        for call in (knowledge.ListSources, knowledge.SearchPassages, knowledge.AddSource):
            core._replies[call] = damaged
        await hands.press("r")
        await hands.settled()
        [*_, toast] = hands.driver.app._notifications
        assert (toast.title, toast.message) == ("The index is damaged.", "R builds it anew.")
        await hands.press("f", "x", "enter")
        await hands.settled()
        await hands.press("escape")
        await hands.settled()
        assert hands.names == before


async def test_a_document_is_opened_in_the_editor_at_its_passage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "page.md"
    path.write_text("# Page\n\nText.\n")
    core = many(1)
    card = knowledge.PassageCard(0, ("Page",), Locator("lines", 3, 3), "Text.", "p1")
    core._replies[knowledge.ShowDocument] = knowledge.DocumentShown(
        str(path), "Page", "/srv/wiki", "indexed", 15, 1, (card,)
    )
    run: list[Sequence[str]] = []
    monkeypatch.setenv("VISUAL", "vim")
    monkeypatch.setattr("copilot.tui.opening.run_editor", lambda one: run.append(one) or 0)
    monkeypatch.setattr("copilot.tui.app.CopilotApp.suspend", nullcontext)
    async with knowing(core, tmp_path) as hands:
        await hands.press("down")
        await hands.settled()
        await hands.press("o")
        await hands.settled()
        assert run == [["vim", "+3", str(path)]]
        path.unlink()
        await hands.press("o")
        await hands.settled()
        [*_, toast] = hands.driver.app._notifications
        assert "isn't there any more" in toast.title


async def test_where_two_columns_have_no_room_the_document_takes_the_lists_place(
    tmp_path: Path,
) -> None:
    async with knowing(many(3), tmp_path, NARROW) as hands:
        await hands.press("down")
        await hands.settled()
        detail = hands.area.query_one("#detail")
        assert not detail.display
        await hands.press("enter")
        await hands.settled()
        assert detail.display
        assert not hands.area.query_one("#left").display
        await hands.press("escape")
        await hands.settled()
        assert not detail.display


async def test_a_document_that_somebody_came_for_is_shown(tmp_path: Path) -> None:
    core = many(30)
    async with driven(core, tmp_path) as driver:
        await driver.app.go("knowledge", "page 00017.md")
        await driver.settled()
        hands = Hands(driver)
        assert hands.names == ["page 00017.md"]
        assert "page 00017.md" in hands.says("what")


async def test_ten_thousand_documents_hold_up_no_key(tmp_path: Path) -> None:
    """Processor time, so that a machine that is busy with others fails nothing."""
    async with knowing(many(10_000), tmp_path) as hands:
        longest = 0.0

        async def watch() -> None:
            nonlocal longest
            last = time.thread_time()
            while True:  # with a pause, or the machine never looks idle to the pilot
                await asyncio.sleep(0.001)
                now = time.thread_time()
                longest = max(longest, now - last)
                last = now

        watching = asyncio.create_task(watch())
        await hands.press("pagedown", "end", "home", "left", "right", "slash", "7")
        await hands.settled()
        await hands.press("escape")
        await hands.settled()
        watching.cancel()
        assert hands.tree.count == 10_001
        assert longest < 0.05
