"""What is heard of a watched folder, wherever one is."""

from __future__ import annotations

import asyncio
from pathlib import Path

from copilot import calls
from copilot.calls import knowledge
from copilot.events import DocumentFailed, DocumentIndexed, SyncFinished
from copilot.testing.scripted_core import Step
from copilot.tui.knowledge.watched import Watched
from tests.tui.knowing import knowing, many

ROOT = "/srv/wiki"


def synced(**counts: int) -> SyncFinished:
    return SyncFinished(**{"added": 0, "updated": 0, "removed": 0, "unchanged": 0, "skipped": 0,
                           "failed": 0, "passages": 0, "index_version": 1, **counts},
                        latency_ms=1.0)  # fmt: skip


async def test_what_changes_in_a_watched_folder_is_told_in_every_area(tmp_path: Path) -> None:
    gates = [asyncio.Event() for _ in range(3)]
    old = DocumentFailed(f"{ROOT}/old.pdf", "It is damaged", "")
    new = DocumentFailed(f"{ROOT}/[b]new\x1b[31m.pdf", "It is locked", "Unlock it.")
    steps: list[Step] = [
        old, synced(failed=1), gates[0],
        old, synced(added=3, failed=1), gates[1],
        old, new, synced(failed=2), gates[2],
    ]  # fmt: skip
    core = many(3)
    core._replies[knowledge.Watch] = steps
    async with knowing(core, tmp_path) as hands:
        await hands.press("w")
        await hands.driver.pilot.press("f2")
        line = lambda: hands.driver.screen_text().splitlines()[-1]  # noqa: E731
        await hands.until(lambda: "watching" in line())
        before = sum(isinstance(one, calls.Standing) for one in core.heard)
        gates[0].set()
        await hands.until(lambda: "watching: 3 changed" in line())
        assert sum(isinstance(one, calls.Standing) for one in core.heard) > before
        assert not hands.driver.app._notifications
        gates[1].set()
        await hands.until(lambda: bool(hands.driver.app._notifications))
        [toast] = hands.driver.app._notifications
        assert toast.title == "1 file can't be read"
        assert toast.message == "[b]new.pdf: It is locked. Unlock it."
        await hands.driver.pilot.press("f6")
        await hands.until(lambda: "watching: 3 changed" in line())
        gates[2].set()
        await hands.until(lambda: "watching" not in line())


def test_a_file_is_news_when_it_fails_and_again_once_it_could_be_read_meanwhile() -> None:
    watched = Watched()
    bad = DocumentFailed("/a", "why", "")
    told = []
    for heard in ([bad], [bad], [DocumentIndexed("/a", 1, "updated", None)], [bad], [bad]):
        for event in (*heard, synced()):
            watched.take(event)
        told.append([one.path for one in watched.failures])
    assert told == [[], [], [], ["/a"], []]
