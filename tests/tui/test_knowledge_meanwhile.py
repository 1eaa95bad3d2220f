"""The knowledge area while something else goes on: late replies, quick keys."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from textual.widgets import Input

from copilot.calls import knowledge
from copilot.errors import KnowledgeIndexError
from copilot.messages import Locator
from copilot.testing.scripted_core import ScriptedCore
from copilot.tui.knowledge.hits import HitList
from tests.tui.knowing import Hands, knowing, many

ROOT = "/srv/wiki"


def foldered() -> ScriptedCore:
    """A source with two folders of nearly the same name, each with two documents."""

    def document(path: str) -> knowledge.Entry:
        return knowledge.Entry(path, path.rpartition("/")[2], "document", passages=1,
                               status="indexed")  # fmt: skip

    def folder(name: str) -> knowledge.Entry:
        return knowledge.Entry(f"{ROOT}/{name}", name, "folder", documents=2)

    below = {
        ROOT: (folder("on"), folder("on call"), document(f"{ROOT}/z.md")),
        f"{ROOT}/on": (document(f"{ROOT}/on/a.md"), document(f"{ROOT}/on/b.md")),
        f"{ROOT}/on call": (document(f"{ROOT}/on call/c.md"), document(f"{ROOT}/on call/d.md")),
    }
    every = [one for found in below.values() for one in found if one.kind == "document"]

    def listed(call: knowledge.ListFolder) -> knowledge.FolderListed:
        anywhere = call.typed or not call.path
        fit = tuple(one for one in every if call.typed in one.path and not call.unread)
        found = fit if anywhere else below[call.path]
        return knowledge.FolderListed(found, len(found))

    core = many(0)
    core._replies[knowledge.ListFolder] = listed
    return core


def found(count: int) -> knowledge.PassagesFound:
    path, place = f"{ROOT}/on/a.md", Locator("lines", 1, 1)
    hits = tuple(
        knowledge.FoundPassage(n, 1.0, (), path, f"Hit {n}", (), place, "Words.", 0, 5, f"p{n}")
        for n in range(1, count + 1)
    )
    return knowledge.PassagesFound(hits, ("words",), 3, 12.0)


async def search(hands: Hands) -> None:
    await hands.press("f")
    await hands.driver.type("words")
    await hands.press("enter")


# --- the tree ----------------------------------------------------------------------------


async def test_closing_a_folder_leaves_one_open_whose_name_begins_alike(tmp_path: Path) -> None:
    async with knowing(foldered(), tmp_path) as hands:
        for name in ("on", "on call"):
            await hands.go_to(name)
            await hands.press("right")
            await hands.settled()
        await hands.go_to("on")
        await hands.press("left")
        await hands.settled()
        there = ["wiki", "  on", "  on call", "    c.md", "    d.md", "  z.md"]
        assert hands.names == there
        await hands.press("r")
        await hands.settled()
        assert hands.names == there


async def test_a_folder_that_is_closed_and_opened_while_it_loads_has_each_row_once(
    tmp_path: Path,
) -> None:
    gate = asyncio.Event()
    core = foldered()
    listed = core._replies[knowledge.ListFolder]

    def slowly(call: knowledge.ListFolder) -> Sequence[object]:
        return [gate, listed(call)]  # type: ignore[operator]

    async with knowing(core, tmp_path) as hands:
        await hands.go_to("on")
        core._replies[knowledge.ListFolder] = slowly  # type: ignore[assignment]
        await hands.press("right", "left", "right")
        await hands.driver.pilot.pause()
        gate.set()
        await hands.settled()
        assert hands.names == ["wiki", "  on", "    a.md", "    b.md", "  on call", "  z.md"]


async def test_what_is_removed_leaves_one_beside_it(tmp_path: Path) -> None:
    core = foldered()
    async with knowing(core, tmp_path) as hands:
        await hands.go_to("z.md")
        rows = core._replies[knowledge.ListFolder](knowledge.ListFolder(ROOT))  # type: ignore[operator]
        left = rows.entries[:2]
        core._replies[knowledge.ListFolder] = knowledge.FolderListed(left, 2)
        await hands.press("r")
        await hands.settled()
        assert hands.tree.chosen is not None
        assert hands.tree.chosen.path == f"{ROOT}/on call"


async def test_a_filter_that_is_typed_while_the_documents_load_stays(tmp_path: Path) -> None:
    gate = asyncio.Event()
    core = foldered()
    listed = core._replies[knowledge.ListFolder]

    def slowly(call: knowledge.ListFolder) -> Sequence[object]:
        return [*([] if call.typed else [gate]), listed(call)]  # type: ignore[operator]

    async with knowing(core, tmp_path) as hands:
        core._replies[knowledge.ListFolder] = slowly  # type: ignore[assignment]
        await hands.press("r", "slash", "c")
        await hands.until(lambda: hands.tree.flat)
        gate.set()
        await hands.settled()
        assert hands.names == ["c.md", "d.md"]
        await hands.press("escape")
        await hands.settled()
        assert hands.names == ["wiki", "  on", "  on call", "  z.md"]


async def test_somebody_who_comes_for_a_document_finds_it_though_what_was_left_out_was_shown(
    tmp_path: Path,
) -> None:
    async with knowing(foldered(), tmp_path) as hands:
        await hands.press("exclamation_mark")
        await hands.settled()
        assert "Nothing was left out" in hands.says("nothing")
        hands.area.visit(f"{ROOT}/on/a.md")
        await hands.settled()
        assert hands.names == ["a.md"]


async def test_a_file_with_a_number_sign_in_its_name_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "C# [notes].md"
    path.write_text("# Notes\n")
    core = many(1)
    card = knowledge.PassageCard(0, (), Locator("lines", 1, 1), "Notes", "p1")
    core._replies[knowledge.ShowDocument] = knowledge.DocumentShown(
        str(path), "Notes", ROOT, "indexed", 8, 1, (card,)
    )
    run: list[Sequence[str]] = []
    monkeypatch.setenv("VISUAL", "vim")
    monkeypatch.setattr(
        "copilot.tui.knowledge.area.edit", lambda app, command, **_: run.append(command)
    )
    async with knowing(core, tmp_path) as hands:
        await hands.press("down")
        await hands.settled()
        await hands.press("o")
        await hands.settled()
        assert run == [["vim", "+1", str(path)]]


async def test_text_of_the_tree_is_selected_and_only_a_click_opens(tmp_path: Path) -> None:
    async with knowing(foldered(), tmp_path) as hands:
        lines = hands.driver.screen_text().splitlines()
        y = next(n for n, line in enumerate(lines) if "on call" in line)
        x = lines[y].index("on call")
        await hands.driver.drag((x, y), (x + 6, y))
        assert hands.driver.app.screen.get_selected_text() == "on call"
        assert hands.tree.at == 0
        for _ in range(2):
            await hands.driver.drag((x, y), (x, y))
        await hands.settled()
        assert "    c.md" in hands.names
        assert hands.driver.app.screen.selections == {}


# --- what was searched -------------------------------------------------------------------


async def test_what_a_search_found_stays_while_the_sources_are_looked_at_anew(
    tmp_path: Path,
) -> None:
    core = foldered()
    core._replies[knowledge.SearchPassages] = found(2)
    async with knowing(core, tmp_path) as hands:
        await search(hands)
        await hands.settled()
        await hands.press("down", "r")
        await hands.settled()
        assert "Hit 2" in hands.says("what")
        assert "2 passages for “words”" in hands.says("totals")
        core._replies[knowledge.SearchPassages] = KnowledgeIndexError("The index is damaged.")
        hands.area.query_one("#search", Input).focus()
        await hands.press("enter")
        await hands.settled()
        assert "2 passages for “words”" in hands.says("totals")
        await hands.press("escape")
        await hands.settled()
        assert "1 source" in hands.says("totals")


async def test_a_search_that_is_left_before_it_found_anything_shows_nothing_later(
    tmp_path: Path,
) -> None:
    gate = asyncio.Event()
    core = foldered()
    core._replies[knowledge.SearchPassages] = [gate, found(2)]
    async with knowing(core, tmp_path) as hands:
        await search(hands)
        await hands.until(lambda: "searching" in hands.says("totals"))
        await hands.press("escape")
        gate.set()
        await hands.settled()
        assert not hands.area.query_one(HitList).display
        assert hands.tree.has_focus
        assert "1 source" in hands.says("totals")
        assert knowledge.SearchPassages in [type(one) for one in core.left]
