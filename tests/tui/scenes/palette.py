"""The palette with a few letters typed: what can be done, a conversation, a document."""

from __future__ import annotations

from copilot import calls
from copilot.calls import composing
from copilot.testing.scripted_core import ScriptedCore
from tests.tui.driving import Driver
from tests.tui.scenes import Scene

_FOUND = calls.Session("c1", "Questions to ask on a call?", "2026-11-20T14:12:00+00:00")
_NAMED = composing.NamedDocument(
    "/srv/handbook/during/customers.md", "Answering questions of customers", "during/customers.md"
)


def scene() -> Scene:
    core = ScriptedCore(
        stands=calls.Stands("openai/gpt-5-mini", "ana", 1.42, "2026-11-20T14:12:00+00:00", 2),
        replies={
            calls.ListSessions: calls.Sessions((_FOUND,), 1),
            composing.FindDocuments: composing.FoundDocuments((_NAMED,), 1),
        },
    )
    return Scene(core, _play, area="chat")


async def _play(driver: Driver) -> None:
    await driver.pilot.press("ctrl+p")
    await driver.settled()
    await driver.type("quest")
    await driver.settled()
    await driver.pilot.press("down")
