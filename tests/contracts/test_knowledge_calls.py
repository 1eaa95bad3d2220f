"""What the core's own process does to the index for a front end."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from copilot import calls
from copilot.adapters.index.lock import FileLock
from copilot.calls import knowledge
from copilot.errors import NotFoundError, UsageError
from copilot.events import DocumentFailed, DocumentIndexed, IngestProgress, SyncFinished, Warned
from copilot.serving.client import Client

pytestmark = pytest.mark.slow


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    (folder / "on call").mkdir(parents=True)
    (folder / "on call" / "paging.md").write_text("# Paging\n\nThe backup is paged.\n")
    (folder / "printer.md").write_text("# Printer\n\nThe printer is in room 12.\n")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 but not really")
    return folder


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Client]:
    home = tmp_path / "home"
    made = Client(env={"PATH": os.environ["PATH"], "HOME": str(home), "COPILOT_HOME": str(home)})
    yield made
    await made.stop()


async def told(core: Client, call: calls.Call) -> list[object]:
    async with aclosing(core.stream(call)) as steps:
        return [step async for step in steps]


async def test_a_folder_is_added_synced_looked_at_and_removed(core: Client, docs: Path) -> None:
    added = await core.call(knowledge.AddSource(str(docs), ("eng",)), knowledge.SourceAdded)
    assert added == knowledge.SourceAdded(str(docs))
    events = await told(core, knowledge.Sync(str(docs)))
    [finished] = [one for one in events if isinstance(one, SyncFinished)]
    assert (finished.added, finished.failed) == (2, 1)
    [failed] = [one for one in events if isinstance(one, DocumentFailed)]
    assert failed.path == f"{docs}/broken.pdf"
    assert events[-1] == calls.Done()

    listed = await core.call(knowledge.ListSources(), knowledge.Sources)
    [source] = listed.found
    assert (source.root, source.labels) == (str(docs), ("eng",))
    assert (source.documents, source.failed, source.unreachable) == (2, 1, "")
    assert source.passages == listed.passages == 2

    (docs / "printer.md").write_text("# Printer\n\nIt has moved to room 14 since.\n")
    (docs / "scanner.md").write_text("# Scanner\n\nThe scanner is in room 13.\n")
    checked = await core.call(knowledge.CheckSources(), knowledge.SourcesChecked)
    [changes] = checked.found
    assert changes == knowledge.SourceChanges(str(docs), 1, 1, 0, changes.synced_at)
    assert changes.synced_at

    events = await told(core, knowledge.RemoveFromIndex(str(docs)))
    assert sum(isinstance(one, DocumentIndexed) for one in events) == 2
    assert (await core.call(knowledge.ListSources(), knowledge.Sources)).found == ()
    entries = (docs.parent / "home" / "ledger" / "audit.jsonl").read_text().splitlines()
    assert ["index.add" in entries[0], "index.remove" in entries[1]] == [True, True]
    assert json.loads(entries[0])["subject"] == str(docs)


async def test_what_is_not_there_is_named(core: Client, docs: Path) -> None:
    with pytest.raises(NotFoundError, match="/no/such"):
        await core.call(knowledge.AddSource("/no/such"), knowledge.SourceAdded)
    with pytest.raises(UsageError, match="empty"):
        await core.call(knowledge.AddSource(" "), knowledge.SourceAdded)
    with pytest.raises(NotFoundError, match="no sources yet"):
        await told(core, knowledge.Sync())
    with pytest.raises(NotFoundError, match="/no/such"):
        await told(core, knowledge.Sync("/no/such"))


async def test_a_sync_that_is_left_keeps_whole_batches_and_the_next_one_goes_on(
    core: Client, docs: Path
) -> None:
    for number in range(660):
        (docs / f"{number:03}.md").write_text(f"# Note {number}\n\nWords of note {number}.\n")
    await core.call(knowledge.AddSource(str(docs)), knowledge.SourceAdded)
    async with aclosing(core.stream(knowledge.Sync())) as steps:
        async for step in steps:
            if isinstance(step, IngestProgress) and step.phase == "reading" and step.done > 520:
                break
    left = await core.call(knowledge.ListSources(), knowledge.Sources)
    assert 0 < left.documents < 662
    events = await told(core, knowledge.Sync())
    [finished] = [one for one in events if isinstance(one, SyncFinished)]
    assert (finished.added, finished.unchanged) == (662 - left.documents, left.documents)


async def test_documents_are_looked_through_and_searched_as_the_principal_may(
    core: Client, docs: Path
) -> None:
    secret = docs.parent / "secret"
    secret.mkdir()
    (secret / "pay.md").write_text("# Pay\n\nWhere is the printer? The salary is paid on Friday.\n")
    await core.call(knowledge.AddSource(str(docs)), knowledge.SourceAdded)
    await core.call(knowledge.AddSource(str(secret), ("hr",)), knowledge.SourceAdded)
    await told(core, knowledge.Sync())
    await core.call(knowledge.ListSources(), knowledge.Sources)

    listed = await core.call(knowledge.ListFolder(str(docs)), knowledge.FolderListed)
    assert [(one.name, one.kind) for one in listed.entries] == [
        ("on call", "folder"),
        ("broken.pdf", "document"),
        ("printer.md", "document"),
    ]
    named = await core.call(knowledge.ListFolder(typed="PAGING"), knowledge.FolderListed)
    assert [one.name for one in named.entries] == ["paging.md"]

    path = f"{docs}/printer.md"
    shown = await core.call(knowledge.ShowDocument(path), knowledge.DocumentShown)
    assert (shown.title, shown.passages, shown.hidden) == ("Printer", 1, 0)
    [passage] = shown.shown
    assert "room 12" in passage.text
    assert shown.modified_at
    broken = await core.call(knowledge.ShowDocument(f"{docs}/broken.pdf"), knowledge.DocumentShown)
    assert broken.status == "failed"
    assert broken.reason
    assert broken.remedy
    closed = await core.call(knowledge.ShowDocument(f"{secret}/pay.md"), knowledge.DocumentShown)
    assert (closed.shown, closed.hidden, closed.labels) == ((), 1, ("hr",))

    search = knowledge.SearchPassages("Where is the printer?")
    found = await core.call(search, knowledge.PassagesFound)
    assert [Path(one.path).name for one in found.found] == ["printer.md", "paging.md"]
    first = found.found[0]
    assert "room 12" in first.text[first.near_start : first.near_end]
    assert {"dense", "lexical"} <= {one.name for one in first.scores}
    assert found.queries[-1] == "Where is the printer?"


async def test_a_source_is_watched_until_the_call_is_closed(core: Client, docs: Path) -> None:
    await core.call(knowledge.AddSource(str(docs)), knowledge.SourceAdded)
    async with aclosing(core.stream(knowledge.Watch())) as steps:
        syncs = (step async for step in steps if isinstance(step, SyncFinished))
        assert (await anext(syncs)).added == 2
        (docs / "scanner.md").write_text("# Scanner\n\nThe scanner is in room 13.\n")
        assert (await anext(syncs)).added == 1
    assert (await core.call(knowledge.ListSources(), knowledge.Sources)).documents == 3


async def test_a_sync_waits_for_another_process_and_says_so(core: Client, docs: Path) -> None:
    await core.call(knowledge.AddSource(str(docs)), knowledge.SourceAdded)
    lock = FileLock(docs.parent / "home" / "index" / "sync.lock")
    assert lock.acquire(1.0)
    try:
        async with aclosing(core.stream(knowledge.Sync())) as steps:
            warned = await anext(step async for step in steps if isinstance(step, Warned))
        assert "Another sync is running" in warned.message
    finally:
        lock.release()
    assert (await told(core, knowledge.Sync()))[-1] == calls.Done()


async def test_a_path_goes_on_as_it_was_typed(core: Client, docs: Path) -> None:
    completed = await core.call(knowledge.CompletePath(f"{docs}/on"), knowledge.PathsCompleted)
    assert completed == knowledge.PathsCompleted(f"{docs}/on", (f"{docs}/on call/",))
