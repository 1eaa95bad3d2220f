"""The conversations: pinned ones above, one found by its texts, the list in front of the chat."""

from __future__ import annotations

from copilot import calls
from copilot.testing.scripted_core import ScriptedCore
from tests.tui.driving import Driver
from tests.tui.scenes import Scene

_LISTED = (
    ("When must a postmortem take place?", "2026-11-20T14:12:00+00:00", True),
    ("Customer calls on Thursday", "2026-11-18T09:05:00+00:00", True),
    ("How long should a postmortem meeting be?", "2026-11-20T13:40:00+00:00", False),
    ("Who may declare a major incident, and how is it said?", "2026-11-20T09:02:00+00:00", False),
    ("What does the scribe write down?", "2026-11-19T16:31:00+00:00", False),
    ("Is a SEV-3 an incident that somebody has to be woken for at night?", "2026-11-17", False),
    ("How do I hand over my shift?", "2026-11-12", False),
    ("Which calls does a deputy take from the incident commander?", "2026-10-30", False),
    ("Etiquette on the call", "2026-09-02", False),
    ("What did we learn from the outage of the queue?", "2025-12-19", False),
)


def scene() -> Scene:
    found = tuple(
        calls.Session(
            f"c{number}",
            title,
            at if "T" in at else f"{at}T10:00:00+00:00",
            pinned,
            named=not title.endswith("?"),
        )
        for number, (title, at, pinned) in enumerate(_LISTED)
    )
    core = ScriptedCore(
        stands=calls.Stands("openai/gpt-5-mini", "ana", 1.42, "2026-11-20T14:12:00+00:00", 2),
        replies={calls.ListSessions: calls.Sessions(found, len(found))},
    )
    return Scene(core, _play, area="chat")


async def _play(driver: Driver) -> None:
    await driver.pilot.press("ctrl+r")
    await driver.pilot.pause()
    await driver.pilot.press("down", "down", "down")
